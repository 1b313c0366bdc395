/**
 * How a conversation ends.
 *
 * @module
 */

/** Whether a message ends the conversation: QUIT, in any case, and no more. */
export function isQuit(payload: Uint8Array): boolean {
  return payload.length === 4 &&
    /^quit$/i.test(String.fromCharCode(...payload));
}
