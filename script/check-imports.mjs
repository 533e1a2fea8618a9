// Holds the borders between the folders: who may import what. Tests and the load tests may import anything.
// Usage: node check-imports.mjs [FOLDER]
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { ROOT } from './setup/cache.mjs';

const root = resolve(process.argv[2] ?? ROOT);

/** Folders that know nobody: what they may import besides their own files. */
const CLOSED = {
  protocol: { allows: (specifier) => isOf('zod', specifier), words: 'only zod' },
  config: {
    allows: (specifier) => isOf('zod', specifier) || specifier.startsWith('node:'),
    words: "only zod and Node's own modules",
  },
};

/** Vendors that stay in a place of their own. */
const KEPT = {
  'uWebSockets.js': ['src/socket/'],
  mediasoup: ['media/'],
  'mediasoup-client': ['client/'],
  'node:sqlite': ['src/store/'],
  pg: ['src/store/'],
  ioredis: ['src/redis/'],
  ws: ['src/link/', 'client/test-server.ts'],
  jose: ['src/identity/'],
};

const SOURCES = '{protocol,config,src,signaling,media,client,web}/**/*.{ts,tsx,mts,js,mjs}';
const IGNORED = (name) => ['node_modules', 'dist'].includes(name);

/** The trial call of the worker's build is a test of the binary: it plays both sides. */
const EXEMPT = /\.test(?:-d)?\.tsx?$|^media\/worker\//;

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, `import('x')` and `require('x')`. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(?<quote>['"`])(?<specifier>[^'"`\n]+)\k<quote>/g;

const isOf = (name, specifier) => specifier === name || specifier.startsWith(`${name}/`);

/** What is wrong with this file's importing that, or undefined. */
function problemOf(file, specifier) {
  const [folder] = file.split('/');
  const closed = CLOSED[folder];
  if (closed) {
    const isOwn = specifier.startsWith('.') && normalize(join(dirname(file), specifier)).startsWith(`${folder}/`);
    if (!isOwn && !closed.allows(specifier)) return `${folder}/ imports ${closed.words}`;
  }
  for (const [name, places] of Object.entries(KEPT)) {
    if (isOf(name, specifier) && !places.some((place) => file.startsWith(place)))
      return `${name} is imported in ${places.join(' and ')} alone`;
  }
  return undefined;
}

const lineOf = (source, index) => source.slice(0, index).split('\n').length;

/** The source with its comments blanked, line for line, so that an example in a comment is no import. */
const withoutComments = (source) =>
  source.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ' '));

const files = globSync(SOURCES, { cwd: root, exclude: IGNORED }).filter((file) => !EXEMPT.test(file));
let imports = 0;
let problems = 0;
for (const file of files.sort()) {
  const source = withoutComments(readFileSync(join(root, file), 'utf8'));
  for (const match of source.matchAll(IMPORT)) {
    imports += 1;
    const problem = problemOf(file, match.groups.specifier);
    if (!problem) continue;
    problems += 1;
    console.log(`${file}:${lineOf(source, match.index)} imports ${match.groups.specifier}: ${problem}`);
  }
}
console.log(`${files.length} files, ${imports} imports, ${problems} problems.`);
process.exitCode = problems === 0 ? 0 : 1;
