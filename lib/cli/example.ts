/**
 * Ends an example that fails as scripts end: by a sentence, by what to do about
 * it, and by the exit code, rather than by the trace of a stack. To be imported
 * for that alone, so that the example itself is about packets:
 *
 *     import "../../lib/cli/example.ts";
 *
 * @module
 */

import { describeFailure, exitCodeOf } from "./exit.ts";
import { pathOf } from "./sibling.ts";

// Without its folder and ending, as scripts name themselves.
const [name] = /[^/]+(?=\.ts$)/.exec(pathOf(Deno.mainModule)) ?? ["example"];

function end(event: Event, error: unknown): never {
  event.preventDefault();
  console.error(describeFailure(name, error));
  Deno.exit(exitCodeOf(error));
}

// What an example throws by itself, since it is a module, and all that it waits
// for; and what is thrown by what the system calls back.
globalThis.addEventListener("unhandledrejection", (event) => {
  end(event, event.reason);
});
globalThis.addEventListener("error", (event) => {
  end(event, event.error);
});
