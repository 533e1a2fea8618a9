/**
 * Every request a client can make: payload, result and one line of what it does. The gateway dispatches by this table,
 * the SDK's types come from it, and docs/protocol.md is printed from it.
 */
import { z } from 'zod';
import { Announcement, AnnouncementId } from './announcements.ts';
import { GuardVerdict } from './guard.ts';
import { HelpVote } from './help-notes.ts';
import { JobSummary } from './host.ts';
import {
  ClientMessageId,
  Epoch,
  InterviewId,
  JobId,
  Offset,
  OffsetOrZero,
  ParticipantId,
  Position,
  ProposalId,
  SessionId,
  ThreadId,
  Timestamp,
  text,
  UserId,
} from './ids.ts';
import { InboxRecovery } from './inbox.ts';
import { Interview, InterviewMedia } from './interviews.ts';
import { MAX_BODY_LENGTH, MAX_MEMBERS, MAX_PAGE, MAX_QUERY_LENGTH } from './limits.ts';
import { Mark, Marks } from './marks.ts';
import {
  CaseDetails,
  CaseId,
  CaseKind,
  CaseList,
  CaseOutcome,
  CasePage,
  CasePlace,
  ModerationCase,
  ModerationReason,
  ReportCategory,
  Role,
} from './moderation.ts';
import { Presence } from './presence.ts';
import { ConsumerId, Joined, ProducerId, RoomEpoch, RoomRecovery, RoomSeq } from './rooms.ts';
import {
  DtlsParameters,
  IceParameters,
  IceServer,
  MediaKind,
  MediaSource,
  RtpCapabilities,
  RtpParameters,
  TransportDirection,
} from './rtp.ts';
import { Body, Member, MemberRole, Message, Proposal, ThreadEvent, ThreadSummary, User } from './threads.ts';
import { queryOf } from './words.ts';

/** In a thread, or as the first message to a proposal. */
const isInOnePlace = ({ threadId, proposalId }: { threadId?: string | undefined; proposalId?: string | undefined }): boolean =>
  (threadId === undefined) !== (proposalId === undefined);
const ONE_PLACE = { path: ['threadId'], message: 'or proposalId, one of them' };

const request = <Payload extends z.ZodObject, Result extends z.ZodType>(doc: string, payload: Payload, result: Result) => ({
  doc,
  payload,
  result,
});
const done = z.object({});
const inInterview = { interviewId: InterviewId };
const asParticipant = { interviewId: InterviewId, participantId: ParticipantId };
/** How far a search has come: the messages before this offset in this thread, and the threads that were active earlier. */
export const SearchPlace = z.object({ activeAt: Timestamp, threadId: ThreadId, before: Offset });
export type SearchPlace = z.infer<typeof SearchPlace>;
/** The sender has seen what the guard doubts (`unconfirmed`), and means it. */
const confirmed = z.boolean().default(false);
/** As a job's client, or as who sent or manages a proposal. */
export const ProposalSide = z.enum(['received', 'sent']);
export type ProposalSide = z.infer<typeof ProposalSide>;
/** Where a page of proposals ended. */
export const ProposalPlace = z.object({ submittedAt: Timestamp, proposalId: ProposalId });
export type ProposalPlace = z.infer<typeof ProposalPlace>;
const limit = z.int().min(1).max(MAX_PAGE).default(50);

export const REQUESTS = {
  'session.open': request(
    'Authenticates the socket and opens a session, or resumes one; answers with all the inbox missed.',
    z.object({
      protocol: z.int(),
      /** A JWT; not needed when the upgrade request carried it as a bearer token. */
      token: z.string().max(8_192).optional(),
      client: z.object({ name: z.string().max(64), version: z.string().max(32) }).optional(),
      resume: z.object({ sessionId: SessionId, resumeToken: z.string().max(128) }).optional(),
      /** Where the client stands; without it, it gets a snapshot. */
      inbox: z.object({ epoch: Epoch, position: Position }).optional(),
    }),
    z.object({
      sessionId: SessionId,
      resumeToken: z.string(),
      resumed: z.boolean(),
      user: User,
      serverTime: Timestamp,
      /** The server sends something at least this often; twice as long without a frame means the socket is dead. */
      heartbeatMs: z.int(),
      /** How long the session outlives its socket. */
      sessionGraceMs: z.int(),
      tokenExpiresAt: Timestamp.nullable(),
      /** Of the token; absent for nearly everybody. */
      roles: z.array(Role).min(1).optional(),
      inbox: InboxRecovery,
    }),
  ),
  'session.refresh': request(
    'Replaces the token of the open session before it expires; the user must be the same.',
    z.object({ token: z.string().max(8_192) }),
    z.object({ tokenExpiresAt: Timestamp.nullable() }),
  ),
  'session.watch': request(
    'Says what is on screen: threads whose typing and people whose presence this session hears. Replaces what it said before.',
    z.object({ threadIds: z.array(ThreadId).max(100), userIds: z.array(UserId).max(200) }),
    z.object({ presence: z.array(Presence) }),
  ),
  'session.close': request('Ends the session at once, without the grace: signing out.', z.object({}), done),

  'inbox.since': request(
    'Everything after a position, or a fresh snapshot; never a part.',
    z.object({ epoch: Epoch, position: Position }),
    InboxRecovery,
  ),

  'thread.list': request(
    'A page of the thread list, most recently active first; or of those with one of the marks.',
    z.object({
      before: z.object({ activeAt: Timestamp, threadId: ThreadId }).optional(),
      marked: Mark.optional(),
      limit,
    }),
    z.object({ threads: z.array(ThreadSummary), users: z.array(User), more: z.boolean() }),
  ),
  'thread.get': request(
    'One thread as the list shows it.',
    z.object({ threadId: ThreadId }),
    z.object({ thread: ThreadSummary, users: z.array(User) }),
  ),
  'thread.history': request(
    'A page of a conversation in offset order: messages in their present state and the other timeline events. Without a bound, the newest.',
    z
      .object({ threadId: ThreadId, before: Offset.optional(), after: OffsetOrZero.optional(), limit })
      .refine((page) => page.before === undefined || page.after === undefined, {
        path: ['after'],
        message: 'goes without before',
      }),
    z.object({ events: z.array(ThreadEvent), more: z.boolean() }),
  ),
  'thread.open': request(
    'Opens a group thread with people one shares a thread with already; one is its owner. The same key again returns it as it is.',
    z.object({
      /** Made by the client, once for each thread, and kept through every retry. */
      threadKey: ClientMessageId,
      title: text(200).default(''),
      userIds: z
        .array(UserId)
        .min(1)
        .max(MAX_MEMBERS - 1)
        .refine((userIds) => new Set(userIds).size === userIds.length, 'must not repeat a user'),
      /** The conversation of a proposal or contract whose contracts the group follows: both of whom it is between must be in it. Beside a group, it follows what that does. */
      beside: ThreadId.optional(),
    }),
    z.object({ threadId: ThreadId, opened: z.boolean(), members: z.array(Member) }),
  ),
  'thread.mark': request(
    "Sets one's own marks of a thread, which nobody else sees; those that are not named stay. A new message takes `hidden` away.",
    z.object({
      threadId: ThreadId,
      archived: z.boolean().optional(),
      favourite: z.boolean().optional(),
      hidden: z.boolean().optional(),
    }),
    z.object({ marks: Marks }),
  ),
  'member.add': request(
    'Adds a person to a group thread; owners and admins only.',
    z.object({ threadId: ThreadId, userId: UserId, role: MemberRole.exclude(['owner']).default('member') }),
    z.object({ member: Member }),
  ),
  'member.remove': request(
    'Removes a person from a group thread, or leaves it oneself. When its last owner leaves, the admin who is longest in it owns it, or else the member.',
    z.object({ threadId: ThreadId, userId: UserId }),
    done,
  ),

  'message.search': request(
    'Messages that have all of these words, in threads one is a member of: case and accents are set aside, and the last word may be unfinished. Thread by thread, the most recently active first; in each the newest first. `next` goes on where this page ends, which may be before it is full.',
    z.object({
      query: text(MAX_QUERY_LENGTH).refine((query) => queryOf(query) !== null, 'must have a word in it'),
      /** Only in this thread. */
      threadId: ThreadId.optional(),
      after: SearchPlace.optional(),
      limit: limit.default(20),
    }),
    z.object({
      messages: z.array(Message),
      /** The threads they are in, and everyone who is a member there. */
      threads: z.array(ThreadSummary),
      users: z.array(User),
      next: SearchPlace.nullable(),
    }),
  ),
  'message.post': request(
    'Posts a message exactly once by its client message id: the same id and body again returns the original, another body is a conflict.',
    z.object({ threadId: ThreadId, clientMessageId: ClientMessageId, body: Body, confirmed }),
    z.object({ message: Message, replayed: z.boolean() }),
  ),
  'message.edit': request(
    "Replaces the body of one's own message.",
    z.object({ threadId: ThreadId, offset: Offset, body: Body, confirmed }),
    z.object({ message: Message }),
  ),
  'message.delete': request(
    "Deletes one's own message; a tombstone stays. Deleting it again changes nothing.",
    z.object({ threadId: ThreadId, offset: Offset }),
    z.object({ message: Message }),
  ),
  'cursor.move': request(
    'Marks a thread as read up to an offset; never moves back.',
    z.object({ threadId: ThreadId, readOffset: Offset }),
    z.object({ readOffset: OffsetOrZero, unread: z.int().min(0) }),
  ),
  'typing.set': request('Says that one types, or no longer does.', z.object({ threadId: ThreadId, typing: z.boolean() }), done),

  'job.list': request(
    'A page of the jobs that the user is the client of, newest first, with how many proposals of each status there are.',
    z.object({
      /** The last job of the page before. */
      before: JobId.optional(),
      limit,
    }),
    z.object({ jobs: z.array(JobSummary), users: z.array(User), more: z.boolean() }),
  ),
  'job.get': request(
    'One job that the user is the client of.',
    z.object({ jobId: JobId }),
    z.object({ job: JobSummary, users: z.array(User) }),
  ),
  'proposal.list': request(
    'A page of the proposals that the user received, sent or manages, newest first; of those sent or managed alone, or received; or of those for a job of theirs.',
    z.object({
      side: ProposalSide.optional(),
      jobId: JobId.optional(),
      before: ProposalPlace.optional(),
      limit,
    }),
    z.object({ proposals: z.array(Proposal), users: z.array(User), more: z.boolean() }),
  ),
  'proposal.get': request(
    'One proposal the user sent or received.',
    z.object({ proposalId: ProposalId }),
    z.object({ proposal: Proposal, users: z.array(User) }),
  ),
  'proposal.message': request(
    '"Send message": opens the thread of a proposal with a first message, or posts into it when it is open. For the client of the job.',
    z.object({ proposalId: ProposalId, clientMessageId: ClientMessageId, body: Body, confirmed }),
    z.object({ threadId: ThreadId, message: Message, opened: z.boolean() }),
  ),

  'guard.preview': request(
    'What would become of a text in this thread, or as the first message to this proposal, if it were sent now: what is found, what is done about it, and what to do instead. Stores nothing; for a composer, while one types.',
    z
      .object({ threadId: ThreadId.optional(), proposalId: ProposalId.optional(), body: text(MAX_BODY_LENGTH) })
      .refine(isInOnePlace, ONE_PLACE),
    GuardVerdict,
  ),
  'guard.appeal': request(
    "Asks a moderator to let through what the guard masked in one's own message (`offset`), or a message that it blocked (`clientMessageId` and `body`, as they were refused; the first one about a proposal by `proposalId`). Once for each; asking again tells how it stands.",
    z
      .object({
        threadId: ThreadId.optional(),
        proposalId: ProposalId.optional(),
        offset: Offset.optional(),
        clientMessageId: ClientMessageId.optional(),
        body: Body.optional(),
        /** For the moderator: why it should be let through. */
        reason: text(1_000).min(1),
      })
      .refine(
        ({ offset, clientMessageId, body }) =>
          (offset === undefined) === (clientMessageId !== undefined && body !== undefined) &&
          (clientMessageId === undefined) === (body === undefined),
        { path: ['offset'], message: 'or clientMessageId with body, one of them' },
      )
      .refine(isInOnePlace, ONE_PLACE)
      .refine(({ proposalId, offset }) => proposalId === undefined || offset === undefined, {
        path: ['offset'],
        message: 'is of a thread',
      }),
    z.object({ state: z.enum(['waiting', 'granted', 'refused']), decisionReason: z.string().nullable() }),
  ),

  'report.open': request(
    'Tells the moderators of a message (`offset`) or a person (`userId`) in one of the threads one is in. A message once, a person again when it was decided; otherwise again tells how it stands.',
    z
      .object({
        threadId: ThreadId,
        offset: Offset.optional(),
        userId: UserId.optional(),
        category: ReportCategory,
        note: text(1_000).default(''),
      })
      .refine(({ offset, userId }) => (offset === undefined) !== (userId === undefined), {
        path: ['offset'],
        message: 'or userId, one of them',
      }),
    z.object({ caseId: CaseId, opened: z.boolean(), state: ModerationCase.shape.state }),
  ),
  'report.withdraw': request("Takes back one's own report while it waits.", z.object({ caseId: CaseId }), done),
  'block.set': request(
    'Blocks a person, or lifts that: they write no more into direct and proposal threads with this user, nor call there, and neither sees the other online or typing. They are not told.',
    z.object({ userId: UserId, blocked: z.boolean() }),
    done,
  ),
  'block.list': request('Whom this user has blocked.', z.object({}), z.object({ userIds: z.array(UserId) })),

  'moderation.list': request(
    'For moderators: cases that wait, the oldest first; or that were decided and may be looked at once more, or are closed, the newest first.',
    z.object({ list: CaseList.default('waiting'), kind: CaseKind.optional(), after: CasePlace.optional(), limit }),
    CasePage,
  ),
  'moderation.get': request(
    'For moderators: a case with its text and what was said around it. The audit log has who looked.',
    z.object({ caseId: CaseId }),
    CaseDetails,
  ),
  'moderation.claim': request(
    'For moderators: says that one looks at a case that waits, for some minutes, or no longer does. One that somebody else looks at stays theirs; the answer says whose it is.',
    z.object({ caseId: CaseId, claimed: z.boolean() }),
    z.object({ case: ModerationCase }),
  ),
  'moderation.decide': request(
    'For moderators: lets the text through, or a report stand (`granted`), or not. Not one’s own case, nor one that somebody else looks at.',
    z.object({ caseId: CaseId, outcome: CaseOutcome, reason: ModerationReason }),
    z.object({ case: ModerationCase }),
  ),
  'moderation.review': request(
    'For moderators: the second look at what another one decided.',
    z.object({ caseId: CaseId, verdict: z.enum(['confirmed', 'reversed']), reason: ModerationReason }),
    z.object({ case: ModerationCase }),
  ),
  'announcement.list': request(
    'What the operator tells this person now, the oldest first. From then on until its socket closes the session hears of changes: each `announcements` push is the whole list.',
    z.object({}),
    z.object({ announcements: z.array(Announcement) }),
  ),
  'announcement.dismiss': request(
    'Puts an announcement away, for good and on all of one’s devices. Doing it again changes nothing.',
    z.object({ announcementId: AnnouncementId }),
    done,
  ),
  'help.list': request('What this person said of help notes.', z.object({}), z.object({ votes: z.array(HelpVote) })),
  'help.vote': request('Says whether a help note was helpful; the last word counts.', HelpVote, done),

  'interview.call': request(
    'Calls the other members now. The same interview id again returns the interview as it is.',
    z.object({ threadId: ThreadId, interviewId: InterviewId, media: InterviewMedia }),
    z.object({ interview: Interview }),
  ),
  'interview.answer': request(
    'Answers a ringing interview: it stops ringing everywhere.',
    z.object(inInterview),
    z.object({ interview: Interview }),
  ),
  'interview.decline': request(
    'Declines a ringing interview; it is declined once everyone who was called has.',
    z.object(inInterview),
    z.object({ interview: Interview }),
  ),
  'interview.cancel': request(
    'Takes back a call that was not answered.',
    z.object(inInterview),
    z.object({ interview: Interview }),
  ),
  'interview.end': request('Ends a live interview for all.', z.object(inInterview), z.object({ interview: Interview })),

  'room.capabilities': request(
    'What the media nodes can route; ask once, before joining, to have media in two round trips.',
    z.object({}),
    z.object({ routerRtpCapabilities: RtpCapabilities }),
  ),
  'room.join': request(
    'Joins the room of a live interview (a called one answers it by joining). With `rtpCapabilities`, the consumers of all that is produced come in the reply. With `move`, after `room.moving`, the old transports carry on until `room.settled`.',
    z.object({
      ...asParticipant,
      participantToken: z.string().max(128).optional(),
      rtpCapabilities: RtpCapabilities.optional(),
      move: z.boolean().default(false),
    }),
    Joined,
  ),
  'room.resume': request(
    'Takes up a participant whose socket broke: the missed events, or the state. Media was never touched.',
    z.object({ ...asParticipant, participantToken: z.string().max(128), epoch: RoomEpoch, seq: RoomSeq }),
    RoomRecovery,
  ),
  'room.settled': request(
    'After joining with `move`: the new transports carry everything. Answered when the others have what comes over them and the old ones are closed.',
    z.object(asParticipant),
    done,
  ),
  'room.leave': request('Leaves the room; leaving twice is the same as once.', z.object(asParticipant), done),
  'transport.connect': request(
    'Gives the client side of DTLS. Again with the same fingerprints is fine.',
    z.object({ ...asParticipant, direction: TransportDirection, dtlsParameters: DtlsParameters }),
    done,
  ),
  'transport.restart_ice': request(
    'New ICE parameters for a transport whose ICE has failed, and ICE servers whose credentials are good from now on.',
    z.object({ ...asParticipant, direction: TransportDirection }),
    z.object({ iceParameters: IceParameters, iceServers: z.array(IceServer) }),
  ),
  'producer.open': request(
    'Sends a track. The client makes the producer id; again with the same id is fine. May carry the DTLS side of the send transport, to save a round trip.',
    z.object({
      ...asParticipant,
      producerId: ProducerId,
      kind: MediaKind,
      source: MediaSource,
      rtpParameters: RtpParameters,
      paused: z.boolean().default(false),
      dtlsParameters: DtlsParameters.optional(),
    }),
    z.object({ producerId: ProducerId }),
  ),
  'producer.pause': request('Mutes a track.', z.object({ ...asParticipant, producerId: ProducerId }), done),
  'producer.resume': request('Unmutes a track.', z.object({ ...asParticipant, producerId: ProducerId }), done),
  'producer.close': request('Stops sending a track.', z.object({ ...asParticipant, producerId: ProducerId }), done),
  'consumer.request': request(
    'For a client that joined without capabilities: gives them, and gets the consumers of all that is produced.',
    z.object({ ...asParticipant, rtpCapabilities: RtpCapabilities }),
    done,
  ),
  'consumer.resume': request(
    'The client is ready for these consumers, or shows them again. Ones that are gone are passed over.',
    z.object({ ...asParticipant, consumerIds: z.array(ConsumerId).max(256) }),
    done,
  ),
  'consumer.pause': request(
    'These consumers are not on screen.',
    z.object({ ...asParticipant, consumerIds: z.array(ConsumerId).max(256) }),
    done,
  ),
  'consumer.layers': request(
    'The layers that fit the tile: both always, since the temporal one is capped otherwise.',
    z.object({
      ...asParticipant,
      consumerId: ConsumerId,
      spatialLayer: z.int().min(0).max(3),
      temporalLayer: z.int().min(0).max(3),
    }),
    done,
  ),
} as const;

export type RequestType = keyof typeof REQUESTS;
/** What a client may leave out (defaults) is optional here. */
export type PayloadInput<Type extends RequestType> = z.input<(typeof REQUESTS)[Type]['payload']>;
/** What a handler gets: validated, defaults filled. */
export type Payload<Type extends RequestType> = z.output<(typeof REQUESTS)[Type]['payload']>;
export type Result<Type extends RequestType> = z.output<(typeof REQUESTS)[Type]['result']>;
