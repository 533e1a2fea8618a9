import { afterEach, describe, expect, it } from 'vitest';
import { createApp, listen, type Port } from './app.ts';

describe('a port', () => {
  const ports: Port[] = [];
  afterEach(() => {
    for (const port of ports.splice(0)) port.stop();
  });
  const open = async (port: number, shares: boolean): Promise<number> => {
    const opened = await listen(createApp(), '127.0.0.1', port, { shares });
    ports.push(opened);
    return opened.port;
  };

  it('[GW4] is shared by those who say so, and refused to whoever does not', async () => {
    const port = await open(0, true).catch(() => 0);
    const reserved = await open(0, false);
    ports.pop()?.stop();
    await open(reserved, true);
    await open(reserved, true);
    await expect(open(reserved, false)).rejects.toThrow(`Port ${reserved}`);
    expect(port).toBeGreaterThan(0);
  });

  it('[GW4] that is listened on for oneself is not shared', async () => {
    const port = await open(0, false);
    await expect(open(port, true)).rejects.toThrow(`Port ${port}`);
  });
});
