// The component: a time machine for each place on the page.
import { mounted } from "../mounted.js";
import { TimeMachine } from "./machine.js";

export default mounted("timemachine", TimeMachine);
