/** What an operator can set about interviews. All in ms. */
export interface InterviewSettings {
  /** A call that nobody answered is missed after this. Default 45 000. */
  readonly ringMs: number;
  /** A live interview whose room is empty for this long ends. Default 30 000. */
  readonly emptyMs: number;
  /** How long a participant stays in the room without a socket. Default 25 000. */
  readonly graceMs: number;
}
