"""The formats that anybody's weights come in, one small file each."""
