/** A middlebox between two made-up ends of a cable, in made-up time. */

import { assertEquals } from "@std/assert";
import {
  type CableEnd,
  Middlebox,
} from "../../../lib/lab/middlebox/middlebox.ts";
import { FakeWorld } from "../../tools/ping/fake_world.ts";

/** An end that a test puts frames into, and that notes what comes out. */
class FakeEnd implements CableEnd {
  /** What was put on it, and when. */
  readonly sent: [atMs: number, text: string][] = [];
  isClosed = false;
  #arrived: Uint8Array[] = [];
  #wake = () => {};

  constructor(readonly world: FakeWorld) {}

  arrive(text: string): void {
    this.#arrived.push(new TextEncoder().encode(text));
    this.#wake();
  }

  async *arrivals(): AsyncGenerator<Uint8Array[], void> {
    while (!this.isClosed) {
      const frames = this.#arrived;
      this.#arrived = [];
      if (frames.length > 0) yield frames;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  send(frame: Uint8Array): void {
    this.sent.push([this.world.nowMs, new TextDecoder().decode(frame)]);
  }

  close(): void {
    this.isClosed = true;
    this.#wake();
  }
}

Deno.test("a middlebox delays each packet by itself, both ways", async () => {
  const world = new FakeWorld(() => []);
  const [near, far] = [new FakeEnd(world), new FakeEnd(world)];
  using box = new Middlebox([near, far], { delayMs: 20 }, world.clock);
  world.at(0, () => near.arrive("first"));
  world.at(3, () => near.arrive("second"));
  world.at(10, () => far.arrive("back"));
  world.at(50, () => near.arrive("third"));
  await world.clock.sleep(100, new AbortController().signal);
  assertEquals(far.sent, [[20, "first"], [23, "second"], [70, "third"]]);
  assertEquals(near.sent, [[30, "back"]]);
  assertEquals(box.counts.map(({ dropped }) => dropped), [0, 0]);
});

Deno.test("a closed middlebox closes its ends, and passes nothing on", async () => {
  const world = new FakeWorld(() => []);
  const [near, far] = [new FakeEnd(world), new FakeEnd(world)];
  const box = new Middlebox([near, far], { delayMs: 20 }, world.clock);
  world.at(0, () => near.arrive("late"));
  world.at(10, () => box.close());
  await world.clock.sleep(100, new AbortController().signal);
  await box.finished;
  assertEquals([far.sent, near.isClosed, far.isClosed], [[], true, true]);
});
