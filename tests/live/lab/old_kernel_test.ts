/**
 * Labs on a machine as most are: with network cards, and a kernel such as
 * Debian 12's, 6.1, which wants the number that a new interface is to have to
 * be free not only where the interface goes, but where the command is given.
 */

import { assertEquals } from "@std/assert";
import { Machine } from "./lab_machine.ts";
import { OrdinaryUser, USER_NEEDS } from "./lab_user.ts";
import { liveTest, run, script } from "../live.ts";

/** An `ip` that refuses what such a kernel refuses, line by line. */
const OLD = `case "$*" in *"-batch -")
  where=
  test "$1" != -netns || where="-netns $2"
  while read -r line; do
    case $line in "link add "*" index "*)
      set -- $line
      if $dir/real $where -o link show | grep -q "^$5: "; then
        echo "RTNETLINK answers: File exists" >&2
        exit 2
      fi
    esac
    $dir/real $where $line || exit
    echo "$line" >>$dir/lines
  done
  exit
esac`;

/** Makes a card with the number 2, which is the first that is free. */
const WITH_CARD = [
  ...["unshare", "--net", "sh", "-c"],
  'ip link add card0 type veth && ip link show | grep -q ^2: && exec "$@"',
  "sh",
];

const LABS: string[][] = [
  ["pair"],
  ["chain", "3", "--equal-cost", "2", "--slow", "1=1"],
  ["lan"],
];

await liveTest("labs are built on a kernel such as 6.1, beside a card", [
  "lab",
], async () => {
  await using machine = await Machine.start();
  await using ip = await machine.replace("ip", OLD);
  for (const lab of LABS) {
    const args = ["run", ...lab, "--", "true"];
    const { code, stderr } = await run(
      machine.inside([...WITH_CARD, ...script("lab", ...args)]),
    );
    assertEquals([code, stderr], [0, ""], lab.join(" "));
  }
  const demo = await run(machine.inside([...WITH_CARD, ...script("demo")]));
  assertEquals([demo.code, demo.stderr], [0, ""]);
  // What it was about: each end of each cable says its number.
  const built = (await Deno.readTextFile(`${ip.dir}/lines`)).split("\n")
    .filter((line) => line.startsWith("link add") && line.includes(" veth "));
  assertEquals(built.length, 1 + 7 + 3 + 1);
  for (const line of built) assertEquals(line.split(" index ").length, 3);
});

await liveTest(
  "an ordinary user's labs are built on a kernel such as 6.1",
  USER_NEEDS,
  async () => {
    await using machine = await Machine.start();
    await using user = await OrdinaryUser.create();
    await using ip = await machine.replace("ip", OLD);
    await Deno.writeTextFile(`${ip.dir}/lines`, "", { mode: 0o666 });
    await Deno.chmod(`${ip.dir}/lines`, 0o666);
    for (const lab of LABS) {
      const command = user.script("lab", "run", ...lab, "--", "true");
      const { code, stderr } = await run(
        machine.inside([...WITH_CARD, ...user.command(command)]),
      );
      assertEquals([code, stderr], [0, ""], lab.join(" "));
    }
  },
);
