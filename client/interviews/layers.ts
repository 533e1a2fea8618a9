/** Which simulcast layers fit a tile. */
export interface TileSize {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

export interface Layers {
  readonly spatialLayer: number;
  readonly temporalLayer: number;
}

/** Heights of the camera's layers (encodings.ts), lowest first. */
const LAYER_HEIGHTS = [180, 360, 720];
/** A tile this much larger than a layer still takes it: nobody sees the difference, and it is a quarter of the bits. */
const TOLERANCE = 1.2;
/** Every frame; a tile that is small is no reason to stutter. */
const ALL_FRAMES = 2;
/** Beyond this density eyes gain nothing from a moving picture. */
const MAX_PIXEL_RATIO = 2;

export const layersFor = ({ width, height }: TileSize, pixelRatio: number): Layers => {
  // The picture covers its tile, so the longer of both sides decides.
  const needed = Math.max(height, (width * 9) / 16) * Math.min(pixelRatio, MAX_PIXEL_RATIO);
  const fitting = LAYER_HEIGHTS.findIndex((layerHeight) => needed <= layerHeight * TOLERANCE);
  return { spatialLayer: fitting === -1 ? LAYER_HEIGHTS.length - 1 : fitting, temporalLayer: ALL_FRAMES };
};
