import { describe, expect, it } from 'vitest';
import { type Contract, type MemberRole, NO_MARKS, type ProposalStatus, type ThreadSummary } from '../../../protocol/index.ts';
import { contactsBeside, mayAdd, whyNot } from './may-add.ts';
import { mayLeave } from './may-leave.ts';

const member = (userId: string, role: MemberRole = 'member') => ({ userId, role, readOffset: 0, joinedAt: 0 });
const thread = (part: Partial<ThreadSummary> = {}): ThreadSummary => ({
  threadId: 't',
  kind: 'proposal',
  title: '',
  members: [member('dana', 'owner'), member('tomas')],
  proposal: null,
  contracts: [],
  marks: NO_MARKS,
  head: 1,
  lastMessage: null,
  unread: 0,
  interview: null,
  openedAt: 0,
  activeAt: 0,
  ...part,
});
const proposal = (status: ProposalStatus) => ({
  ...{ proposalId: 'p', jobId: 'j', jobTitle: 'A job', clientId: 'dana', freelancerId: 'tomas', managerId: null },
  status,
});
const contract = (part: Partial<Contract>): Contract => ({
  ...{ contractId: 'c', proposalId: 'p', clientId: 'dana', freelancerId: 'tomas', title: '' },
  ...{ status: 'active', version: 1, startedAt: 1, endedAt: null },
  ...part,
});

describe('adding people', () => {
  it('[GT4] is for owners and admins, of a group, or once a contract has begun; otherwise it says why a group is opened', () => {
    expect(mayAdd(thread(), 'dana')).toBe(false);
    expect(whyNot(thread())).toContain('Until a contract has begun');
    expect(mayAdd(thread({ contracts: [contract({ status: 'offered', startedAt: null })] }), 'dana')).toBe(false);
    for (const contracts of [[contract({})], [contract({ status: 'ended' })]]) {
      expect(mayAdd(thread({ contracts }), 'dana')).toBe(true);
      expect(mayAdd(thread({ contracts }), 'tomas')).toBe(false);
      expect(whyNot(thread({ contracts }))).toContain('owner or admin');
    }
    expect(mayAdd(thread({ contracts: [contract({})], proposal: proposal('closed') }), 'dana')).toBe(false);
    expect(whyNot(thread({ proposal: proposal('declined') }))).toContain('closed');
    expect(mayAdd(thread({ kind: 'group' }), 'dana')).toBe(true);
    expect(mayAdd(thread({ kind: 'direct' }), 'dana')).toBe(false);
    expect(whyNot(thread({ kind: 'direct' }))).toContain('two of you');
  });

  it('[GT4] offers the people of one’s other conversations by name, and none who is here', () => {
    const user = (userId: string, displayName: string) => ({
      userId,
      displayName,
      headline: '',
      avatarUrl: null,
      timeZone: null,
    });
    const users = new Map([user('aiko', 'Zoe'), user('kwame', 'Ada')].map((one) => [one.userId, one]));
    const others = [
      thread({ members: [member('dana'), member('aiko')] }),
      thread({ members: [member('kwame'), member('tomas')] }),
    ];
    expect(contactsBeside(thread(), [thread(), ...others], users).map(({ userId }) => userId)).toEqual(['kwame', 'aiko']);
  });
});

describe('leaving', () => {
  it('[GT6] is for those whom the conversation is not between, and not for who is alone in it', () => {
    const group = thread({ kind: 'group', members: [member('dana', 'owner'), member('tomas'), member('aiko', 'admin')] });
    expect(['dana', 'tomas', 'aiko'].map((userId) => mayLeave(group, userId))).toEqual([true, true, true]);
    expect(mayLeave(thread({ kind: 'group', members: [member('dana', 'owner')] }), 'dana')).toBe(false);
    const members = [member('dana', 'owner'), member('tomas'), member('mia', 'admin'), member('kwame')];
    const managed = thread({ members, proposal: { ...proposal('hired'), managerId: 'mia' } });
    expect(members.map(({ userId }) => mayLeave(managed, userId))).toEqual([false, false, false, true]);
    const ofContract = thread({ kind: 'contract', members, contracts: [contract({})] });
    expect(members.map(({ userId }) => mayLeave(ofContract, userId))).toEqual([false, false, true, true]);
    expect(mayLeave(thread({ kind: 'direct', members: [member('dana'), member('tomas')] }), 'tomas')).toBe(false);
  });
});
