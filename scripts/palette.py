"""Smaller pictures: a screen has few colours, so a pixel of a PNG needs one byte, not three."""

from __future__ import annotations

import base64
import struct
import zlib

from playwright.sync_api import Page

# The 256 most frequent colours of a picture, and for each pixel the nearest of them.
COUNT = """
async (png) => {
  const image = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const pixels = new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const colours = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([colour]) => colour);
  const far = (a, b) => [0, 8, 16].reduce((sum, at) => sum + ((a >> at & 255) - (b >> at & 255)) ** 2, 0);
  const nearest = new Map(colours.map((colour, at) => [colour, at]));
  for (const pixel of counts.keys()) {
    if (nearest.has(pixel)) continue;
    let best = 0;
    for (let at = 1; at < colours.length; at++) if (far(pixel, colours[at]) < far(pixel, colours[best])) best = at;
    nearest.set(pixel, best);
  }
  let text = "";
  for (const pixel of pixels) text += String.fromCharCode(nearest.get(pixel));
  return { width: image.width, height: image.height, colours, pixels: btoa(text) };
}
"""  # noqa: E501


def shrunk(page: Page, png: bytes) -> bytes:
    """The same picture with 256 colours. `page`: any page without a policy of its own."""
    found = page.evaluate(COUNT, base64.b64encode(png).decode())
    width, height = found["width"], found["height"]
    pixels = base64.b64decode(found["pixels"])
    rows = b"".join(b"\0" + pixels[y * width : (y + 1) * width] for y in range(height))
    palette = b"".join(struct.pack("<I", colour)[:3] for colour in found["colours"])
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = [
        (b"IHDR", head),
        (b"PLTE", palette),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*each) for each in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
