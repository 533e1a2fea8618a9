/** What the operator tells people, on every gateway at once. */
import { expect } from 'vitest';
import type { Announcement } from '../../protocol/index.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { until } from '../support/until.ts';
import { type Scenario, scenario, type World } from './world.ts';

/** Of the announcements of this scenario, those that a socket shows. */
const listen = async (socket: RawSocket, prefix: string) => {
  const { announcements } = await socket.request('announcement.list', {});
  const shown = (): readonly Announcement[] => socket.pushes('announcements').at(-1)?.announcements ?? announcements;
  return () =>
    shown()
      .map(({ announcementId }) => announcementId)
      .filter((id) => id.startsWith(prefix))
      .join();
};

const put = (world: World, id: string, body: Record<string, unknown>) =>
  world.deployment.host('PUT', `/v1/announcements/${id}`, { text: `Text of ${id}`, ...body });

const setKind = (world: World, userId: string, kind: string, country: string | null = null) =>
  world.deployment.host('PUT', `/v1/users/${userId}`, { displayName: userId, kind, country });

export const announcements: readonly Scenario[] = [
  scenario(
    '[AN5] an announcement starts, changes, ends and is withdrawn for those whom it concerns, whichever gateway they are on',
    async (world) => {
      const [client, talent] = await world.people('client', 'talent');
      await setKind(world, client, 'client');
      await setKind(world, talent, 'freelancer');
      const sockets = [
        await world.signIn(talent),
        await world.signIn(talent),
        await world.signIn(client),
        await world.signIn(client),
      ];
      const id = `for-${talent}`;
      const shown = await Promise.all(sockets.map((socket) => listen(socket, id)));
      const see = () => shown.map((one) => one());
      const startsAt = Date.now() + 1_500;
      const audience = { kinds: ['freelancer'] };
      await put(world, id, { audience, startsAt, endsAt: startsAt + 2_500 });
      expect(see()).toEqual(['', '', '', '']);
      await until('its start', () => see().join(' ') === `${id} ${id}  `, 20_000);
      await put(world, `${id}-2`, { audience, tone: 'critical' });
      await until('another beside it', () => see()[0] === `${id},${id}-2` && see()[1] === see()[0], 20_000);
      await until('its end', () => see()[0] === `${id}-2` && see()[1] === see()[0], 20_000);
      await put(world, `${id}-2`, { audience: { kinds: ['client'] } });
      await until('it to be for others', () => see().join(' ') === `  ${id}-2 ${id}-2`, 20_000);
      await world.deployment.host('DELETE', `/v1/announcements/${id}-2`);
      await until('it to be withdrawn', () => see().every((one) => one === ''), 20_000);
    },
  ),
  scenario(
    '[AN3][AN6] what a person puts away on one device is away on the others, and whose kind changes gets what is theirs',
    async (world) => {
      const [talent, other] = await world.people('talent', 'other');
      await setKind(world, other, 'freelancer', 'NZ');
      const id = `away-${talent}`;
      const sockets = [
        await world.signIn(talent),
        await world.signIn(talent),
        await world.signIn(other),
        await world.signIn(other),
      ];
      const shown = await Promise.all(sockets.map((socket) => listen(socket, id)));
      const see = () => shown.map((one) => one()).join(' ');
      await put(world, id, { audience: { countries: ['NZ'] } });
      await until('it', () => see() === `  ${id} ${id}`, 20_000);
      await setKind(world, talent, 'agency', 'NZ');
      await until('it for the newcomer too', () => see() === `${id} ${id} ${id} ${id}`, 20_000);
      await sockets[0]!.request('announcement.dismiss', { announcementId: id });
      await until('it to be away on both', () => see() === `  ${id} ${id}`, 20_000);
      // The SDK comes in by any gateway, and shows the same.
      const [{ client }, { client: others }] = [await world.sdk(talent), await world.sdk(other)];
      const ids = (one: typeof client) => one.announcements.get().filter(({ announcementId }) => announcementId.startsWith(id));
      client.announcements.subscribe(() => {});
      others.announcements.subscribe(() => {});
      await until('the SDK', () => ids(others).length === 1, 20_000);
      expect(ids(client)).toEqual([]);
      others.dismissAnnouncement(id);
      await until('it to be away for the other', () => see() === '   ', 20_000);
      await world.deployment.host('DELETE', `/v1/announcements/${id}`);
    },
  ),
  scenario('[HN1] a vote on a help note is counted once a person, by whichever gateway it came', async (world) => {
    const [one, other] = await world.people('one', 'other');
    const counts = async () => {
      const { notes } = (await world.deployment.host('GET', '/v1/help-notes')).body;
      return notes.find(({ noteId }: { noteId: string }) => noteId === 'sharing-files');
    };
    const before = await counts();
    const [first, second, third] = [await world.signIn(one), await world.signIn(one), await world.signIn(other)];
    await first.request('help.vote', { noteId: 'sharing-files', helpful: true });
    await second.request('help.vote', { noteId: 'sharing-files', helpful: false });
    await third.request('help.vote', { noteId: 'sharing-files', helpful: true });
    expect(await counts()).toMatchObject({ helpful: before.helpful + 1, unhelpful: before.unhelpful + 1 });
    expect((await first.request('help.list', {})).votes).toEqual([{ noteId: 'sharing-files', helpful: false }]);
  }),
];
