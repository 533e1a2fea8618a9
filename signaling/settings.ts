/** What an operator can set about interviews. */
export interface InterviewSettings {
  /** A call that nobody answered is missed after this. In ms, default 45 000. */
  readonly ringMs: number;
  /** A live interview whose room is empty for this long ends. In ms, default 30 000. */
  readonly emptyMs: number;
  /** How long a participant stays in the room without a socket. In ms, default 25 000. */
  readonly graceMs: number;
  /** People in one room at most. Default 8. */
  readonly maxParticipants: number;
}
