import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../test/support/fake-clock.ts';
import { until } from '../test/support/until.ts';
import { createSupervisor } from './supervisor.ts';

const FIXTURE = fileURLToPath(new URL('./supervisor.fixture.ts', import.meta.url));

describe('the supervisor', () => {
  const pids = new Set<number>();
  afterEach(() => {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It is gone already.
      }
    }
    pids.clear();
  });

  const setUp = (does: Record<string, string>) => {
    let printed = '';
    const logged: Record<string, unknown>[] = [];
    const clock = createFakeClock();
    const supervisor = createSupervisor({
      names: Object.keys(does),
      start(name) {
        const child = spawn(process.execPath, [FIXTURE, does[name] as string, name], { stdio: ['ignore', 'pipe', 'inherit'] });
        if (child.pid !== undefined) pids.add(child.pid);
        child.stdout.on('data', (chunk) => {
          printed += chunk;
        });
        return child;
      },
      clock,
      log: pino({}, { write: (line: string) => logged.push(JSON.parse(line)) }),
      stopWithinMs: (name) => (name === 'media' ? 30_000 : 5_000),
    });
    const starts = (name: string): number[] =>
      [...printed.matchAll(new RegExp(`^${name} started (\\d+)$`, 'gm'))].map((match) => Number(match[1]));
    return { supervisor, clock, logged, printed: () => printed, starts };
  };

  it('[GW1] starts all, starts one that was killed again, and stops all on request with exit code 0', async () => {
    const { supervisor, clock, starts, logged, printed } = setUp({ 'gateway-1': 'serve', 'gateway-2': 'serve' });
    const code = supervisor.run();
    const first = await until('both', () => starts('gateway-2')[0] !== undefined && starts('gateway-1')[0]);
    process.kill(first, 'SIGKILL');
    await until('the death', () => logged.some(({ signal }) => signal === 'SIGKILL'));
    expect(starts('gateway-1')).toHaveLength(1);
    clock.advance(250);
    await until('the second life', () => starts('gateway-1').length === 2);
    expect(starts('gateway-2')).toHaveLength(1);
    supervisor.stop();
    supervisor.stop();
    expect(await code).toBe(0);
    expect(printed()).toMatch(/gateway-1 stops/);
    expect(printed()).toMatch(/gateway-2 stops/);
  });

  it('[GW2] gives up a process that dies again and again, stops the others, and says so', async () => {
    const { supervisor, clock, starts, logged, printed } = setUp({ 'gateway-1': 'serve', 'gateway-2': 'die' });
    const code = supervisor.run();
    await until('the first', () => starts('gateway-1').length === 1);
    await until('the end', () => {
      clock.advance(1_000);
      return logged.some(({ msg }) => String(msg).includes('died 6 times in a row'));
    });
    expect(await code).toBe(1);
    expect(starts('gateway-2')).toHaveLength(6);
    expect(printed()).toMatch(/gateway-1 stops/);
  });

  it('[GW2] a process that refuses its configuration is not started again', async () => {
    const { supervisor, starts } = setUp({ 'gateway-1': 'refuse' });
    expect(await supervisor.run()).toBe(2);
    expect(starts('gateway-1')).toHaveLength(1);
  });

  it('[GW1] a process that does not drain in time is killed', async () => {
    const { supervisor, clock, starts, printed } = setUp({ 'gateway-1': 'hang' });
    const code = supervisor.run();
    await until('the start', () => starts('gateway-1').length === 1);
    supervisor.stop();
    await until('the word', () => printed().includes('gateway-1 stops'));
    clock.advance(5_000);
    expect(await code).toBe(1);
  });

  it('[GW5] each process has its own time to drain', async () => {
    const { supervisor, clock, starts, printed, logged } = setUp({ 'gateway-1': 'hang', media: 'hang' });
    const killed = () =>
      logged.filter(({ msg }) => String(msg).includes('did not drain in time')).map(({ process: name }) => name);
    const code = supervisor.run();
    await until('the starts', () => starts('gateway-1').length === 1 && starts('media').length === 1);
    supervisor.stop();
    await until('the words', () => printed().includes('gateway-1 stops') && printed().includes('media stops'));
    clock.advance(29_999);
    expect(killed()).toEqual(['gateway-1']);
    clock.advance(1);
    expect(killed()).toEqual(['gateway-1', 'media']);
    expect(await code).toBe(1);
  });
});
