import { expect } from 'vitest';
import type { RawSocket } from '../support/raw-socket.ts';
import { until } from '../support/until.ts';
import type { Hiring, World } from './world.ts';
import { post, type Scenario, scenario } from './world.ts';

const MARK = '•••••';
const ADDRESS = 'mira.holt@holt-animation.studio';
const WRITTEN = `Send the storyboard to ${ADDRESS} please`;
const MASKED = `Send the storyboard to ${MARK} please`;
const GIFT = 'Choose me and I send you a 50 dollar Amazon gift card as a thank you.';

/** The worlds set `hold` for postal addresses and `warn` for meeting links (world.ts). */
const HELD = 'My office is at 221 Maple Street, Springfield, IL 62704.';
const DOUBTED = 'Join here: https://zoom.us/j/94021733561?pwd=abcdef';

const begin = ({ deployment }: World, { proposalId, client, talent }: Hiring, version = 1, status = 'active') =>
  deployment.host('PUT', `/v1/contracts/c-${client}`, {
    proposalId,
    clientId: client,
    freelancerId: talent,
    title: 'The work',
    status,
    version,
  });

const say = (socket: RawSocket, threadId: string, clientMessageId: string, body: string, confirmed = false) =>
  socket.refused('message.post', { threadId, clientMessageId, body, confirmed });

const heard = async (socket: RawSocket, type: string, offset?: number) => {
  const frame = await socket.inbox(
    type,
    (event) => event.type === type && (offset === undefined || event.message?.offset === offset),
  );
  return frame.event;
};

const both = async (world: World) => {
  const hired = await world.hire();
  return { ...hired, hired, us: await world.signIn(hired.client), them: await world.signIn(hired.talent) };
};

/** A proposal that nobody has written about yet. */
const applied = async (world: World) => {
  const [client, talent] = await world.people('client', 'talent');
  const { host } = world.deployment;
  const proposalId = `p-${client}`;
  await host('PUT', `/v1/jobs/job-${client}`, { clientId: client, title: 'A job' });
  await host('PUT', `/v1/proposals/${proposalId}`, { jobId: `job-${client}`, freelancerId: talent });
  return { client, talent, proposalId, host, us: await world.signIn(client), them: await world.signIn(talent) };
};

export const guard: readonly Scenario[] = [
  scenario(
    '[GT7] what is masked in a group beside the conversation appears when the contract of the two begins, and later nothing is masked',
    async (world) => {
      const { us, them, client, talent, outsider, threadId, hired } = await both(world);
      await world.group(client, outsider);
      const beside = await us.request('thread.open', {
        threadKey: 'with-a-colleague',
        userIds: [talent, outsider],
        beside: threadId,
      });
      const alone = await us.request('thread.open', { threadKey: 'a-group-alone', userIds: [talent, outsider] });
      const colleague = await world.signIn(outsider);
      const masked = await post(them, beside.threadId, WRITTEN);
      expect(masked.body).toBe(MASKED);
      expect((await post(them, alone.threadId, WRITTEN)).body).toBe(MASKED);
      await begin(world, hired);
      for (const socket of [us, them, colleague]) {
        const { event } = await socket.inbox(
          'the original in the group',
          ({ type, threadId }) => type === 'message.released' && threadId === beside.threadId,
        );
        expect(event.message.body).toBe(WRITTEN);
      }
      expect((await colleague.request('thread.get', { threadId: beside.threadId })).thread.contracts).toMatchObject([
        { status: 'active' },
      ]);
      expect((await post(them, beside.threadId, WRITTEN)).body).toBe(WRITTEN);
      expect((await post(them, alone.threadId, WRITTEN)).body).toBe(MASKED);
      // A group from within the group is no different.
      const another = await them.request('thread.open', { threadKey: 'yet-another', userIds: [client], beside: beside.threadId });
      expect((await post(them, another.threadId, WRITTEN)).body).toBe(WRITTEN);
    },
  ),
  scenario(
    '[GD1] [GD4] [GD14] what is masked is under a mark for both, and is shown in place, live, when the contract begins',
    async (world) => {
      const { us, them, threadId, hired } = await both(world);
      const posted = await post(them, threadId, WRITTEN, 'with-an-address');
      expect(posted).toMatchObject({
        body: MASKED,
        masked: [{ start: MASKED.indexOf(MARK), end: MASKED.indexOf(MARK) + MARK.length, category: 'email' }],
      });
      expect((await heard(us, 'message.posted', posted.offset)).message).toEqual(posted);
      await post(us, threadId, 'Thank you');
      await begin(world, hired);
      for (const socket of [us, them]) {
        const { message, actorId } = await heard(socket, 'message.released', posted.offset);
        expect(message).toEqual({ ...posted, body: WRITTEN, masked: undefined });
        expect(actorId).toBeNull();
        const { events } = await socket.request('thread.history', { threadId });
        expect(events.find(({ offset }) => offset === posted.offset)).toMatchObject({ message: { body: WRITTEN } });
        const found = await socket.request('message.search', { query: 'animation studio', threadId });
        expect(found.messages.map(({ offset }) => offset)).toEqual([posted.offset]);
      }
      // From here on it is a message like any other.
      expect((await post(us, threadId, WRITTEN)).body).toBe(WRITTEN);
      expect((await post(us, threadId, `${GIFT} A bonus for good work.`)).body).toContain('gift card');
      const once = them.pushes('inbox').filter(({ event }) => event.type === 'message.released');
      expect(once).toHaveLength(1);
    },
  ),

  scenario(
    '[GD7] what the policy blocks is refused with what was found and what to do instead, and nothing is stored',
    async (world) => {
      const { us, threadId } = await both(world);
      const { head } = (await us.request('thread.get', { threadId })).thread;
      const refusal = await say(us, threadId, 'a-gift-card', GIFT, true);
      expect(refusal).toMatchObject({ code: 'blocked', retryable: false });
      expect(refusal.findings).toContainEqual(
        expect.objectContaining({ category: 'reward', action: 'block', advice: expect.any(String) }),
      );
      expect(refusal.message).toContain(refusal.findings?.[0]?.advice);
      expect((await us.request('thread.get', { threadId })).thread.head).toBe(head);
      // The id is free for another text.
      expect((await post(us, threadId, 'A fair price and a paid first milestone.', 'a-gift-card')).offset).toBe(head + 1);
    },
  ),

  scenario('[GD7] what it doubts is sent once the sender has confirmed it', async (world) => {
    const { us, threadId } = await both(world);
    expect((await say(us, threadId, 'a-meeting-link', DOUBTED)).code).toBe('unconfirmed');
    const confirmed = { threadId, clientMessageId: 'a-meeting-link', body: DOUBTED, confirmed: true };
    const { message } = await us.request('message.post', confirmed);
    expect(message.body).toBe(DOUBTED);
    expect(await us.request('message.post', { ...confirmed, confirmed: false })).toEqual({ message, replayed: true });
  }),

  scenario(
    '[GD6] a post made again is the post that was made, whatever the guard would say by then; another text is a conflict',
    async (world) => {
      const { us, threadId, hired } = await both(world);
      const first = await post(us, threadId, WRITTEN, 'said-again');
      const again = { threadId, clientMessageId: 'said-again', body: WRITTEN };
      expect(await us.request('message.post', again)).toEqual({ message: first, replayed: true });
      for (const body of [MASKED, 'Something else']) expect((await say(us, threadId, 'said-again', body)).code).toBe('conflict');
      await begin(world, hired);
      await heard(us, 'message.released', first.offset);
      const { message, replayed } = await us.request('message.post', again);
      expect({ body: message.body, replayed }).toEqual({ body: WRITTEN, replayed: true });
    },
  ),

  scenario(
    '[GD9] an edit is judged as a post is; a mark left in place keeps what is under it, and a deleted one is gone',
    async (world) => {
      const { us, threadId, hired } = await both(world);
      const { offset } = await post(us, threadId, WRITTEN);
      const edit = (body: string) => us.request('message.edit', { threadId, offset, body });
      const edited = (await edit(`Please, ${MASKED}, and soon`)).message;
      expect(edited).toMatchObject({ body: `Please, ${MASKED}, and soon`, editedAt: expect.any(Number) });
      expect(edited.masked).toMatchObject([{ category: 'email' }]);
      expect((await us.refused('message.edit', { threadId, offset, body: GIFT })).code).toBe('blocked');
      const late = await post(us, threadId, 'Nothing in here');
      const hidden = (await us.request('message.edit', { threadId, offset: late.offset, body: WRITTEN })).message;
      expect(hidden.body).toBe(MASKED);
      const gone = await post(us, threadId, WRITTEN);
      await us.request('message.delete', { threadId, offset: gone.offset });
      await begin(world, hired);
      expect((await heard(us, 'message.released', offset)).message.body).toBe(`Please, ${WRITTEN}, and soon`);
      expect((await heard(us, 'message.released', late.offset)).message.body).toBe(WRITTEN);
      const { events } = await us.request('thread.history', { threadId });
      const last = events.find((event) => event.offset === gone.offset);
      expect(last).toMatchObject({ message: { body: '', deletedAt: expect.any(Number) } });
    },
  ),

  scenario('[GD8] what is held waits for a moderator, and goes when the contract begins meanwhile', async (world) => {
    const { us, them, threadId, hired } = await both(world);
    const { head } = (await us.request('thread.get', { threadId })).thread;
    for (const _ of [1, 2]) expect((await say(us, threadId, 'an-office', HELD)).code).toBe('held');
    expect((await say(us, threadId, 'an-office', `${HELD} Or not.`)).code).toBe('conflict');
    expect((await us.request('thread.get', { threadId })).thread.head).toBe(head);
    await begin(world, hired);
    const { event: told } = await them.inbox(
      'the held one',
      (event) => event.type === 'message.posted' && event.message.body === HELD,
    );
    expect(told.message).toMatchObject({ clientMessageId: 'an-office', senderId: hired.client });
    const { message, replayed } = await us.request('message.post', { threadId, clientMessageId: 'an-office', body: HELD });
    expect({ offset: message.offset, replayed }).toEqual({ offset: told.message.offset, replayed: true });
  }),

  scenario('[GD8] the first message to a proposal is judged before its thread is there', async (world) => {
    const { client, talent, proposalId, us, host } = await applied(world);
    const open = (body: string) => ({ proposalId, clientMessageId: 'the-very-first', body });
    expect((await us.refused('proposal.message', open(GIFT))).code).toBe('blocked');
    expect((await us.refused('proposal.message', open(HELD))).code).toBe('held');
    const byHost = await host('POST', `/v1/proposals/${proposalId}/thread`, { clientMessageId: 'of-the-host', body: GIFT });
    expect(byHost).toMatchObject({ status: 422, body: { error: { code: 'blocked', findings: expect.any(Array) } } });
    expect((await us.request('proposal.get', { proposalId })).proposal).toMatchObject({
      status: 'proposed',
      threadId: null,
    });
    const opened = await us.request('proposal.message', { ...open(WRITTEN), clientMessageId: 'the-masked-first' });
    expect(opened.message.body).toBe(MASKED);
    await begin(world, { client, talent, outsider: '', proposalId, threadId: opened.threadId });
    expect((await heard(us, 'message.released')).message.body).toBe(WRITTEN);
  }),

  scenario('[GD8] a first message that is held opens its thread when the contract begins meanwhile', async (world) => {
    const { client, talent, proposalId, us, them } = await applied(world);
    const first = { proposalId, clientMessageId: 'the-very-first', body: HELD };
    expect((await us.refused('proposal.message', first)).code).toBe('held');
    await begin(world, { client, talent, outsider: '', proposalId, threadId: '' });
    const { message } = await heard(them, 'message.posted');
    expect(message).toMatchObject({ body: HELD, senderId: client, clientMessageId: 'the-very-first' });
    expect((await us.request('proposal.get', { proposalId })).proposal).toMatchObject({
      status: 'hired',
      threadId: message.threadId,
    });
    expect(await us.request('proposal.message', first)).toMatchObject({ threadId: message.threadId, message });
  }),

  scenario('[GD10] a preview says what would become of a text, reads what was said before, and stores nothing', async (world) => {
    const { us, them, threadId, outsider, hired } = await both(world);
    const { head } = (await us.request('thread.get', { threadId })).thread;
    expect(await us.request('guard.preview', { threadId, body: WRITTEN })).toMatchObject({
      action: 'mask',
      masked: MASKED,
      findings: [{ category: 'email', action: 'mask', advice: expect.any(String) }],
    });
    expect(await us.request('guard.preview', { threadId, body: 'A draft by Tuesday?' })).toMatchObject({
      action: 'allow',
      findings: [],
    });
    expect((await (await world.signIn(outsider)).refused('guard.preview', { threadId, body: 'x' })).code).toBe('not_member');
    expect((await us.refused('guard.preview', { body: 'x' })).code).toBe('invalid');
    expect((await us.request('thread.get', { threadId })).thread.head).toBe(head);
    await post(them, threadId, '0176');
    const rest = await them.request('guard.preview', { threadId, body: '4433 2211' });
    expect(rest.findings).toContainEqual(expect.objectContaining({ category: 'phone' }));
    await begin(world, hired);
    await them.inbox('the contract', (event) => event.type === 'contract.changed');
    expect(await them.request('guard.preview', { threadId, body: WRITTEN })).toMatchObject({ action: 'allow' });
  }),

  scenario(
    '[GD12] the host platform grants exceptions to a thread, a proposal or a client, and takes them back',
    async (world) => {
      const { us, them, threadId, proposalId, client } = await both(world);
      const { host } = world.deployment;
      const paths = [`/v1/threads/${threadId}`, `/v1/proposals/${proposalId}`, `/v1/users/${client}`];
      for (const [index, path] of paths.entries()) {
        expect((await host('PUT', `${path}/exceptions`, { legalDocuments: true })).status).toBe(200);
        for (const socket of [us, them]) expect((await post(socket, threadId, WRITTEN)).body).toBe(WRITTEN);
        expect((await say(us, threadId, `blocked-${index}`, GIFT)).code).toBe('blocked');
        expect((await host('PUT', `${path}/exceptions`, {})).status).toBe(200);
        expect((await post(us, threadId, WRITTEN)).body).toBe(MASKED);
      }
      expect((await host('PUT', '/v1/threads/no-such-thread/exceptions', {})).status).toBe(404);
      expect((await host('PUT', `/v1/threads/${threadId}/exceptions`, { anything: true })).status).toBe(200);
    },
  ),

  scenario('[GD13] names and titles show no contact data, whoever brings them', async (world) => {
    const { host } = world.deployment;
    const [reader] = await world.people('reader');
    const put = await host('PUT', `/v1/users/named-${reader}`, {
      displayName: `Ana ${ADDRESS}`,
      headline: 'WhatsApp +49 176 4433 2211',
    });
    expect(put.body).toMatchObject({ displayName: `Ana ${MARK}`, headline: expect.stringContaining(MARK) });
    expect(put.body.headline).not.toContain('4433');
    const members = [reader, `named-${reader}`].map((userId) => ({ userId, role: 'owner' }));
    const thread = { threadKey: `titled-${reader}`, kind: 'group', title: `Write to ${ADDRESS}`, members };
    const { threadId } = (await host('POST', '/v1/threads', thread)).body;
    const { thread: seen, users } = await (await world.signIn(reader)).request('thread.get', { threadId });
    expect(seen.title).toBe(`Write to ${MARK}`);
    expect(JSON.stringify(users)).not.toContain('holt-animation');
  }),

  scenario('[GD15] an appeal is a case, once for each message, and needs something to appeal against', async (world) => {
    const { us, them, threadId } = await both(world);
    const { offset } = await post(us, threadId, WRITTEN);
    const clean = await post(us, threadId, 'All in order');
    const appeal = { threadId, offset, reason: 'It is the address of the code repository.' };
    for (const _ of [1, 2]) expect(await us.request('guard.appeal', appeal)).toEqual({ state: 'waiting', decisionReason: null });
    expect((await them.refused('guard.appeal', appeal)).code).toBe('forbidden');
    expect((await us.refused('guard.appeal', { ...appeal, offset: clean.offset })).code).toBe('conflict');
    const refused = { threadId, clientMessageId: 'a-gift-card', reason: 'It is a joke.' };
    expect(await us.request('guard.appeal', { ...refused, body: GIFT })).toMatchObject({ state: 'waiting' });
    expect((await us.refused('guard.appeal', { ...refused, body: `${GIFT} Again.` })).code).toBe('conflict');
    const plain = { ...refused, clientMessageId: 'nothing-at-all', body: 'Hello' };
    expect((await us.refused('guard.appeal', plain)).code).toBe('conflict');
  }),

  scenario(
    '[GD15] a first message that was blocked is appealed against, and opens its thread when it is granted',
    async (world) => {
      const { client, proposalId, us, them, host } = await applied(world);
      const first = { proposalId, clientMessageId: 'the-very-first', body: GIFT };
      expect((await us.refused('proposal.message', first)).code).toBe('blocked');
      const appeal = { ...first, reason: 'It is a joke among us.' };
      for (const _ of [1, 2])
        expect(await us.request('guard.appeal', appeal)).toEqual({ state: 'waiting', decisionReason: null });
      for (const bad of [{ offset: 1 }, { threadId: 't' }])
        expect((await us.refused('guard.appeal', { ...appeal, ...bad })).code).toBe('invalid');
      const { body } = await host('GET', '/v1/moderation/cases?list=waiting&kind=appeal&limit=100');
      const { caseId } = body.cases.find((each: { proposalId: string }) => each.proposalId === proposalId);
      const decision = { moderatorId: 'mo', outcome: 'granted', reason: 'A joke.' };
      expect((await host('POST', `/v1/moderation/cases/${caseId}/decisions`, decision)).status).toBe(200);
      const { message } = await heard(them, 'message.posted');
      expect(message).toMatchObject({ body: GIFT, senderId: client, clientMessageId: 'the-very-first' });
      expect(await us.request('proposal.message', first)).toMatchObject({ threadId: message.threadId, message });
      expect(await us.request('guard.appeal', appeal)).toEqual({ state: 'granted', decisionReason: 'A joke.' });
    },
  ),

  scenario('[GD16] no text is too strange to be judged, and the session goes on', async (world) => {
    const { us, threadId } = await both(world);
    const strange = [
      `${'\u200b'.repeat(7_000)}x`,
      `${'a@'.repeat(3_900)}`,
      `lone \ud800 and \udfff ${ADDRESS}`,
      '0'.repeat(3_000),
      '﷽'.repeat(2_000),
    ];
    for (const [index, body] of strange.entries()) {
      const id = us.ask('message.post', { threadId, clientMessageId: `strange-text-${index}`, body, confirmed: true });
      const { result, error } = await us.reply(id);
      if (error === undefined) expect(JSON.stringify(result)).not.toContain(ADDRESS);
      else expect(error.code).toMatch(/^(blocked|invalid|malformed)$/);
    }
    expect(
      (await us.refused('message.post', { threadId, clientMessageId: 'too-many-letters', body: 'x'.repeat(9_000) })).code,
    ).toBe('invalid');
    await post(us, threadId, 'Still here');
    await until('quiet', () => true);
  }),
];
