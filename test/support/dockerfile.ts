/** Carries out the build stage of the Dockerfile without a container engine: its context, its COPY and its RUN steps. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Dockerfile, DockerfileParser, type From, type Instruction } from 'dockerfile-ast';

export const readDockerfile = (root: string): Dockerfile =>
  DockerfileParser.parse(readFileSync(join(root, 'Dockerfile'), 'utf8'));

/** The repository's files, those not committed yet included, that .dockerignore lets into the build. */
const contextOf = (root: string): string[] => {
  const rules = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ lets: line.startsWith('!'), pattern: line.replace(/^!/, '') }));
  const matches = (file: string, pattern: string): boolean =>
    pattern === '*' || file === pattern || file.startsWith(`${pattern}/`);
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.stdout.split('\0').filter((file) => {
    if (file === '' || !existsSync(join(root, file))) return false;
    return rules.findLast(({ pattern }) => matches(file, pattern))?.lets ?? true;
  });
};

/** The instructions of the stage with this name. */
const stageOf = (dockerfile: Dockerfile, name: string): Instruction[] => {
  const stages: Instruction[][] = [];
  let wanted: Instruction[] | undefined;
  for (const instruction of dockerfile.getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      stages.push([]);
      if ((instruction as From).getBuildStage() === name) wanted = stages.at(-1);
    }
    stages.at(-1)?.push(instruction);
  }
  if (wanted === undefined) throw new Error(`The Dockerfile has no stage ${name}.`);
  return wanted;
};

/**
 * Does the steps of the stage `build` in `folder`, where the stage's `/opt/parley` is `output`. A step that fails throws
 * with what it printed.
 */
export const runBuildStage = (root: string, folder: string, output: string): void => {
  const context = contextOf(root);
  for (const instruction of stageOf(readDockerfile(root), 'build')) {
    const args = instruction.getArguments().map((argument) => argument.getValue());
    switch (instruction.getKeyword()) {
      case 'COPY':
        for (const source of args.slice(0, -1)) copy(root, folder, context, source.replace(/\/$/, ''));
        break;
      case 'RUN': {
        const command = instruction.getRawArgumentsContent()?.replaceAll('/opt/parley', `"${output}"`) ?? '';
        const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
        if (status !== 0) throw new Error(`RUN ${command} ended with ${status}:\n${stdout}${stderr}`);
        break;
      }
    }
  }
};

const copy = (root: string, folder: string, context: readonly string[], source: string): void => {
  const files = source === '.' ? context : context.filter((file) => file === source || file.startsWith(`${source}/`));
  if (files.length === 0) throw new Error(`COPY ${source}: nothing of it is in the build context`);
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
};
