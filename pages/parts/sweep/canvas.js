// Two sheets of canvas, one above the other: what stands still, and what moves with the step.

// Makes both as large as asked, in the screen's own pixels; answers their contexts, cleared.
export function prepare(canvases, width, height) {
  const density = Math.min(2, window.devicePixelRatio || 1);
  return canvases.map((canvas) => {
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.setTransform(density, 0, 0, density, 0, 0);
    context.lineJoin = "round";
    context.lineCap = "round";
    return context;
  });
}

// The colours of the theme, read once a layout: a canvas knows no style sheet.
export function paletteOf(root) {
  const styles = getComputedStyle(root);
  const names = { fit: "--fit", truth: "--truth", ink: "--st-text-color", paper: "--st-background-color",
    primary: "--st-primary-color", warning: "--warning" };
  const found = {};
  for (const name in names) found[name] = styles.getPropertyValue(names[name]).trim();
  found.font = styles.getPropertyValue("--st-font").trim() || "sans-serif";
  return found;
}

// Part of a line of points, from the first to `end`; it breaks where a value is not finite.
export function trace(context, px, py, start, end) {
  let pen = false;
  for (let i = start; i <= end; i++) {
    if (!Number.isFinite(px[i] + py[i])) pen = false;
    else if (pen) context.lineTo(px[i], py[i]);
    else {
      context.moveTo(px[i], py[i]);
      pen = true;
    }
  }
}
