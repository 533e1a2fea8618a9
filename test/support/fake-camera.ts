/**
 * A camera that shows a person: a drawn figure before a wall with window light, moving a little, as a Y4M file for Chromium's
 * `--use-file-for-fake-video-capture`. Somebody to look at in the tests' pictures, and pictures that differ from frame to frame.
 */
import { writeFileSync } from 'node:fs';

type Colour = readonly [red: number, green: number, blue: number];

export interface Figure {
  readonly wall: Colour;
  readonly skin: Colour;
  readonly hair: Colour;
  readonly shirt: Colour;
  /** How far the hair falls, in pixels from its middle. */
  readonly hairLength: number;
}

export const FIGURES = {
  dana: { wall: [196, 186, 172], skin: [236, 188, 158], hair: [92, 52, 34], shirt: [38, 92, 110], hairLength: 88 },
  tomas: { wall: [142, 160, 172], skin: [206, 152, 118], hair: [38, 32, 30], shirt: [196, 120, 72], hairLength: 52 },
} as const satisfies Record<string, Figure>;

const WIDTH = 640;
const HEIGHT = 360;
const FRAMES_PER_SECOND = 20;
const FRAMES = 40;

const mix = (a: Colour, b: Colour, share: number): Colour => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
];
const shade = (colour: Colour, light: number): Colour => [colour[0] * light, colour[1] * light, colour[2] * light];

/** How far inside an ellipse a point is: 1 within, 0 outside, softened over a pixel or two at the edge. */
const inside = (x: number, y: number, cx: number, cy: number, rx: number, ry: number): number => {
  const distance = Math.hypot((x - cx) / rx, (y - cy) / ry);
  return Math.min(1, Math.max(0, ((1 - distance) * Math.min(rx, ry)) / 1.6));
};

const pixel = ({ wall, skin, hair, shirt, hairLength }: Figure, x: number, y: number, sway: number): Colour => {
  const cx = WIDTH / 2 + sway;
  const windowLight = Math.max(0, 1 - Math.hypot((x - 120) / 330, (y - 60) / 260)) * 0.45;
  const light = 0.8 + windowLight - (y / HEIGHT) * 0.12;
  let colour = shade(wall, light);
  const frame = x > 470 && x < 590 && y > 46 && y < 150;
  if (frame)
    colour =
      x > 476 && x < 584 && y > 52 && y < 144 ? mix(shade(wall, 0.62), [236, 232, 222], 0.25 + (y - 52) / 260) : shade(wall, 0.5);
  const side = 1.06 - ((x - cx) / WIDTH) * 0.5;
  colour = mix(colour, shade(hair, 0.92 * side), inside(x, y, cx, 62 + hairLength, 52 + hairLength / 4, hairLength));
  colour = mix(colour, shade(shirt, 0.96 * side), inside(x, y, cx, 392, 172, 142));
  colour = mix(colour, shade(skin, 0.84 * side), inside(x, y, cx, 244, 31, 44));
  colour = mix(colour, shade(skin, side), inside(x, y, cx, 166, 56, 72));
  colour = mix(colour, shade(hair, side), inside(x, y, cx - 6, 104, 62, 36));
  for (const eye of [-22, 22]) colour = mix(colour, [52, 40, 38], inside(x, y, cx + eye, 160, 5, 4.4) * 0.9);
  colour = mix(colour, shade(skin, 0.72), inside(x, y, cx, 180, 6, 10) * 0.5);
  return mix(colour, [158, 78, 74], inside(x, y, cx, 205, 17, 4.6) * 0.85);
};

/** One frame in planar YUV 4:2:0, BT.601. */
const frameOf = (figure: Figure, sway: number): Buffer => {
  const frame = Buffer.alloc((WIDTH * HEIGHT * 3) / 2);
  const chroma = WIDTH * HEIGHT;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [red, green, blue] = pixel(figure, x, y, sway);
      const at = y * WIDTH + x;
      frame[at] = Math.min(235, 16 + 0.257 * red + 0.504 * green + 0.098 * blue);
      if (y % 2 === 1 || x % 2 === 1) continue;
      const quarter = (y / 2) * (WIDTH / 2) + x / 2;
      frame[chroma + quarter] = 128 - 0.148 * red - 0.291 * green + 0.439 * blue;
      frame[chroma + chroma / 4 + quarter] = 128 + 0.439 * red - 0.368 * green - 0.071 * blue;
    }
  }
  return frame;
};

export const writeFakeCamera = (path: string, figure: Figure): void => {
  const parts: Buffer[] = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES_PER_SECOND}:1 Ip A1:1 C420\n`)];
  for (let index = 0; index < FRAMES; index++) {
    parts.push(Buffer.from('FRAME\n'), frameOf(figure, 9 * Math.sin((2 * Math.PI * index) / FRAMES)));
  }
  writeFileSync(path, Buffer.concat(parts));
};
