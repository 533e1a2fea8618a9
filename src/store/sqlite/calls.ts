/** What goes between the thread that asks (`../sqlite-store.ts`) and the one that has the file (`../sqlite-worker.ts`). */
import type { Epoch, WireError } from '../../../protocol/index.ts';
import type { OperationName } from './operations.ts';

export interface Call {
  readonly id: number;
  readonly name: OperationName | 'stats' | 'close';
  readonly args: readonly unknown[];
}

export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: WireError }
  /** A bug of ours; the stack is the worker's. */
  | { readonly id: number; readonly bug: { readonly message: string; readonly stack: string } };

export type FromWorker =
  | { readonly type: 'opened'; readonly epoch: Epoch }
  | { readonly type: 'refused'; readonly message: string }
  /** In commit order. */
  | { readonly type: 'replies'; readonly replies: readonly Reply[] }
  | { readonly type: 'trouble'; readonly message: string };

export interface StoreStats {
  /** Transactions that were committed, each with one sync of the disk. */
  readonly commits: number;
  /** Writes that were in them, refused ones too. */
  readonly writes: number;
}
