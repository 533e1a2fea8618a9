/** A WebSocket for the SDK that notes of each reply to `session.open` whether the session was resumed. */
import WebSocket from 'ws';

export const recording = (resumed: boolean[]): (new (url: string) => any) =>
  class extends WebSocket {
    constructor(url: string) {
      super(url);
      this.on('message', (data) => {
        const { result } = JSON.parse(String(data));
        if (typeof result?.resumed === 'boolean') resumed.push(result.resumed);
      });
    }
  };
