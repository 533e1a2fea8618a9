/** Writes a store into a file, in constant memory. The file has its name once it is whole. */
import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { type End, FORMAT_VERSION, TABLES, TransferError } from './format.ts';

export type Progress = (line: string) => void;

export const exportStore = async (end: End, path: string, progress: Progress): Promise<{ rows: number }> => {
  const partial = `${path}.partial`;
  const file = await open(partial, 'wx', 0o600).catch((error: unknown) => {
    throw new TransferError(`${partial} cannot be made: ${(error as Error).message}`);
  });
  const sha256 = createHash('sha256');
  const write = async (lines: string): Promise<void> => {
    sha256.update(lines);
    await file.write(lines);
  };
  try {
    let total = 0;
    await write(`${JSON.stringify({ parley: 'store', version: FORMAT_VERSION, epoch: end.epoch })}\n`);
    for (const table of TABLES) {
      let rows = 0;
      for await (const batch of end.rows(table)) {
        await write(batch.map((row) => `${JSON.stringify([table.name, row])}\n`).join(''));
        rows += batch.length;
        if (rows % 100_000 === 0) progress(`${table.name}: ${rows} …`);
      }
      progress(`${table.name}: ${rows}`);
      total += rows;
    }
    await file.write(`${JSON.stringify({ end: { rows: total, sha256: sha256.digest('hex') } })}\n`);
    await file.sync();
    await file.close();
    await rename(partial, path);
    return { rows: total };
  } catch (error) {
    await file.close().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
};
