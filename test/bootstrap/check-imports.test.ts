import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, ROOT, ran } from './setup.ts';

const check = (files: Record<string, string>) =>
  ran(process.execPath, [join(ROOT, 'script/check-imports.mjs'), folderWith(files)]);

test('[RUN8] the imports check passes where every folder keeps to its own', () => {
  const { code, output } = check({
    'protocol/a.ts': "import { z } from 'zod';\nimport { b } from './b.ts';\n// import x from 'pino';\n",
    'config/a.ts': "import { readFileSync } from 'node:fs';\nexport { z } from 'zod';\n",
    'src/socket/a.ts': "import uws from 'uWebSockets.js';\n",
    'src/store/a.ts': "import { DatabaseSync } from 'node:sqlite';\n",
    'media/a.ts': "import type { Worker } from 'mediasoup/types';\n",
    'client/a.ts': "import { Device } from 'mediasoup-client';\n",
    'src/a.test.ts': "import * as mediasoup from 'mediasoup';\n",
  });
  expect(output).toBe('6 files, 8 imports, 0 problems.\n');
  expect(code).toBe(0);
});

test('[RUN8] the imports check lists every import across a border, with its line', () => {
  const { code, output } = check({
    'protocol/a.ts': "import { z } from 'zod';\n\nimport { b } from '../src/b.ts';\n",
    'config/a.ts': "import pino from 'pino';\n",
    'src/threads/a.ts': "const uws = await import('uWebSockets.js');\nimport { DatabaseSync } from 'node:sqlite';\n",
    'signaling/a.ts': "import {\n  createWorker,\n} from 'mediasoup';\n",
    'web/a.tsx': "import { Device } from 'mediasoup-client';\n",
  });
  expect(output.trimEnd().split('\n')).toEqual([
    "config/a.ts:1 imports pino: config/ imports only zod and Node's own modules",
    'protocol/a.ts:3 imports ../src/b.ts: protocol/ imports only zod',
    'signaling/a.ts:3 imports mediasoup: mediasoup is imported in media/ alone',
    'src/threads/a.ts:1 imports uWebSockets.js: uWebSockets.js is imported in src/socket/ alone',
    'src/threads/a.ts:2 imports node:sqlite: node:sqlite is imported in src/store/ alone',
    'web/a.tsx:1 imports mediasoup-client: mediasoup-client is imported in client/ alone',
    '5 files, 7 imports, 6 problems.',
  ]);
  expect(code).toBe(1);
});
