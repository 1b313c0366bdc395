/** Messages that cannot leave are sent and lost, and the others go on. */

import { assert, assertEquals } from "@std/assert";
import { inHost, pairUp } from "../hosts.ts";
import { liveTest, script } from "../live.ts";
import { Process } from "./pair_process.ts";

const NEEDS = ["lab", "nsenter", "sysctl"];
const COUNT = 30;

/** What keeps packets from leaving, what lets them again, and what is said. */
const CUTS: [cut: string, mend: string, exit: number, code: string][] = [
  ["link set eth0 down", "link set eth0 up", 4, "ENETUNREACH"],
  ["route add prohibit 1.1.1.1", "route del prohibit 1.1.1.1", 3, "EACCES"],
];

for (const [cut, mend, exit, code] of CUTS) {
  await liveTest(
    `send goes on after messages that could not leave: ${code}`,
    NEEDS,
    async () => {
      await using lab = await pairUp();
      const args = ["1.1.1.1", "Hi", "-c", `${COUNT}`, "-i", "200ms"];
      await using json = new Process(
        lab.inside("sender", script("send", "--json", ...args)),
      );
      await using text = new Process(
        lab.inside("sender", script("send", ...args)),
      );
      await json.until('"type":"sent"', 2);
      await text.until("Sent 2 octets", 2);
      await inHost(lab, "sender", "ip", ...cut.split(" "));
      await json.until('"type":"failed"', 3);
      await text.until(" is lost: ", 3);
      await inHost(lab, "sender", "ip", ...mend.split(" "));

      const ended = await json.end();
      const events = ended.stdout.trim().split("\n").map((line) =>
        JSON.parse(line)
      );
      const of = (type: string) =>
        events.filter((event) => event.type === type);
      const numbers = of("failed").map(({ number }) => number);
      const [summary] = of("summary");
      assertEquals([ended.code, summary.sent], [exit, COUNT]);
      assertEquals(summary.failed, numbers.length);
      assertEquals(of("sent").length + numbers.length, COUNT);
      assertEquals(summary.octets, 2 * of("sent").length);
      // Each by its number; the first two were sent.
      assert(numbers[0] > 2 && numbers.at(-1) <= COUNT, `${numbers}`);
      assertEquals(numbers, numbers.toSorted((a, b) => a - b));
      assert(of("failed").every(({ reason }) => reason.includes(code)));

      const screen = await text.end();
      const [, failed] = /^--- 30 sent, .* refused, (\d+) could not leave$/m
        .exec(screen.stdout)!;
      assertEquals(screen.stdout.match(/ is lost: /g)?.length, Number(failed));
      assertEquals([screen.code, screen.stderr], [exit, ""]);
    },
  );
}
