import { assert, assertRejects } from "@std/assert";
import { describeFailure, ScriptError } from "../../../lib/cli/exit.ts";
import { namingPingSockets } from "../../../lib/cli/options/ping_options.ts";
import { socketError } from "../../../lib/socket/errors.ts";

Deno.test("namingPingSockets() names --unprivileged where it would help", async () => {
  const refused = (action: string) =>
    socketError({ syscall: "socket", errno: 1, action });
  const start = (error: Error) =>
    namingPingSockets(() => Promise.reject(error))(AbortSignal.abort());
  const raw = refused("open a raw socket for protocol 1");
  const error = await assertRejects(() => start(raw), ScriptError);
  const said = describeFailure("ping", error);
  assert(said.startsWith(describeFailure("ping", raw)), said);
  assert(said.includes("\nOr add --unprivileged: "), said);
  const other = refused("open a ping socket");
  assert(await start(other).catch((error) => error) === other);
});
