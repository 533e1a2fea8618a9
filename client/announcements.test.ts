import { describe, expect, test } from 'vitest';
import { type Announcement, ProtocolError } from '../protocol/index.ts';
import { setUp } from './test-bench.ts';
import { until } from './test-support.ts';
import type { Client } from './types.ts';

const announcement = (announcementId: string, change: Partial<Announcement> = {}): Announcement => ({
  announcementId,
  text: `Text of ${announcementId}`,
  link: null,
  tone: 'info',
  dismissible: true,
  startsAt: 1,
  endsAt: null,
  ...change,
});

const ids = (client: Client) => client.announcements.get().map(({ announcementId }) => announcementId);
const untilIds = (client: Client, wanted: readonly string[]) =>
  until(
    () => ids(client).join() === wanted.join(),
    () => `${wanted.join()}, but there is ${ids(client).join()}`,
  );

describe('announcements', () => {
  test('[AN11] are asked for once somebody looks, again on each socket, and each push is the whole list', async () => {
    const { client, server, online } = await setUp();
    server.answer('announcement.list', () => ({ announcements: [announcement('a'), announcement('b')] }));
    await online();
    expect(server.received('announcement.list')).toHaveLength(0);
    client.announcements.subscribe(() => {});
    client.announcements.subscribe(() => {});
    await untilIds(client, ['a', 'b']);
    expect(server.received('announcement.list')).toHaveLength(1);
    server.push({ push: 'announcements', announcements: [announcement('b'), announcement('c')] });
    await untilIds(client, ['b', 'c']);
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    expect(ids(client)).toEqual(['b', 'c']);
    await online();
    await untilIds(client, ['a', 'b']);
    expect(server.received('announcement.list')).toHaveLength(2);
  });

  test('[AN11] what is put away is gone at once, is told when there is a connection, and comes back when it may not be', async () => {
    const { client, server, clock, online } = await setUp();
    server.answer('announcement.list', () => ({ announcements: [announcement('a'), announcement('b'), announcement('c')] }));
    client.announcements.subscribe(() => {});
    await online();
    await untilIds(client, ['a', 'b', 'c']);
    server.answer('announcement.dismiss', ({ announcementId }) => {
      if (announcementId === 'b') throw new ProtocolError('forbidden', 'It stays.');
      return {};
    });
    client.dismissAnnouncement('b');
    expect(ids(client)).toEqual(['a', 'c']);
    await untilIds(client, ['a', 'b', 'c']);
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    client.dismissAnnouncement('a');
    expect(ids(client)).toEqual(['b', 'c']);
    await online();
    await until(() => server.received('announcement.dismiss').length === 2, 'it to be told');
    await untilIds(client, ['b', 'c']);
    let tries = 0;
    server.answer('announcement.dismiss', () => {
      tries += 1;
      if (tries === 1) throw new ProtocolError('rate_limited', 'Slow down.');
      return {};
    });
    client.dismissAnnouncement('c');
    await until(() => tries === 1, 'the first try');
    expect(ids(client)).toEqual(['b']);
    await until(() => {
      clock.advance(5_000);
      return tries === 2;
    }, 'the second try');
  });

  test('[AN11] signing out forgets them', async () => {
    const { client, server, online } = await setUp();
    server.answer('announcement.list', () => ({ announcements: [announcement('a')] }));
    client.announcements.subscribe(() => {});
    await online();
    await untilIds(client, ['a']);
    void client.close();
    await untilIds(client, []);
  });
});
