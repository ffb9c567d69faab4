import type { ServerResponse } from 'node:http';

/** GET /height/sse: every listener gets the height at once, on each change, and pings in between. */
export class HeightStream {
  private readonly listeners = new Set<ServerResponse>();

  add(response: ServerResponse, height: number, pingMs: number): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    response.write(heightEvent(height));
    const ping = setInterval(() => response.write('event: ping\ndata:\n\n'), pingMs);
    this.listeners.add(response);
    response.on('close', () => {
      clearInterval(ping);
      this.listeners.delete(response);
    });
  }

  announce(height: number): void {
    for (const response of this.listeners) response.write(heightEvent(height));
  }

  /** Cuts every connection, as a server that goes away does. */
  disconnectAll(): void {
    for (const response of this.listeners) response.destroy();
  }
}

function heightEvent(height: number): string {
  return `event: height\ndata: ${height}\n\n`;
}
