/** How tiles share a rectangle: the number of columns that makes them largest. Pure. */

/** A tile is at most as wide as a camera's picture, and gives up some of its sides where that makes it larger. */
const WIDEST = 16 / 9;
const NARROWEST = 4 / 3;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Grid extends Size {
  readonly columns: number;
}

/** Columns, and the size of each tile, for so many tiles with a gap between them. */
export const gridOf = (count: number, { width, height }: Size, gap = 0): Grid => {
  let best: Grid = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const cell = { width: (width - gap * (columns - 1)) / columns, height: (height - gap * (rows - 1)) / rows };
    const tile = { width: Math.min(cell.width, cell.height * WIDEST), height: Math.min(cell.height, cell.width / NARROWEST) };
    // Between equals, side by side.
    if (tile.width * tile.height >= best.width * best.height) best = { columns, ...tile };
  }
  return best;
};
