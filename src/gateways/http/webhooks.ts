/**
 * All webhooks: which there are, what each is told, and their notes. Each has a courier that decides, and a client of the
 * exchange that wakes it; what it is told is read from the history, so that a restart loses nothing.
 */
import { type LogEvent, logEvent } from '../../core/base/log-event.ts';
import type { Result } from '../../core/base/result.ts';
import { type ClientRef, clientRef, type ImEvent } from '../../core/im/exchange-io.ts';
import type { ImWorld } from '../../core/im/gateway.ts';
import { type TextView, textId } from '../../core/im/text.ts';
import type { User } from '../../core/im/users.ts';
import { Courier } from './courier.ts';
import { type Webhook, webhookFrom, webhookKey, webhookPrefix, webhookValue } from './webhook.ts';
import { WebhookCaller } from './webhook-call.ts';
import { type ChangedWebhook, changeWebhook, type WebhookChange, webhooksPerUser } from './webhook-change.ts';
import type { Reach } from './webhook-target.ts';

/** In all. */
const webhookLimit = 1_000;
const longestTimerMs = 3_600_000;

export interface WebhooksOptions {
  readonly world: ImWorld;
  readonly log: (event: LogEvent) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Whether the operator lets webhooks point everywhere. */
  readonly targets: 'guarded' | 'any';
}

interface Running {
  readonly courier: Courier;
  readonly client: ClientRef;
  /** The user's earlier news are on disk. */
  isAttached: boolean;
  isPlanned: boolean;
  timer: NodeJS.Timeout | undefined;
  /** As it was last noted. */
  noted: Webhook;
}

export class Webhooks {
  readonly #options: WebhooksOptions;
  readonly #running = new Map<string, Running>();
  readonly #caller = new WebhookCaller();
  readonly #barriers = new Map<ClientRef, () => void>();
  #lastNumber = 0;
  #isClosed = false;

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  /** Goes on where the notes say. */
  start(): void {
    for (const [, value] of this.#options.world.history.notes('http', webhookPrefix)) {
      const hook = webhookFrom(value);
      if (hook === undefined) continue;
      const { isRetryWanted, ...kept } = hook;
      this.#run(kept);
      if (isRetryWanted) void this.#put(kept);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#running.values()) clearTimeout(timer);
    this.#caller.close();
  }

  /** How many there are, how many of them are parked, and how many deliveries they gave up. */
  counts(): { readonly webhooks: number; readonly parkedWebhooks: number; readonly parkedDeliveries: number } {
    const hooks = [...this.#running.values()].map(({ courier }) => courier.hook);
    return {
      webhooks: hooks.length,
      parkedWebhooks: hooks.filter(({ state }) => state === 'parked').length,
      parkedDeliveries: hooks.reduce((sum, { parked }) => sum + parked.length, 0),
    };
  }

  of(user: string): readonly Webhook[] {
    return [...this.#running.values()].map(({ courier }) => courier.hook).filter((hook) => hook.user === user);
  }

  one(user: string, name: string): Webhook | undefined {
    return this.#running.get(webhookKey({ user, name }))?.courier.hook;
  }

  /** Of a user, who is allowed to name addresses so far. Resolves when it is on disk, or refused. */
  async change(change: WebhookChange, user: User, reach: Webhook['reach']): Promise<Result<ChangedWebhook>> {
    const { world, clock, targets } = this.#options;
    const changed = changeWebhook(change, {
      user,
      known: this.one(user.name, change.name),
      roomFor: Math.min(webhooksPerUser - this.of(user.name).length, webhookLimit - this.#running.size),
      position: world.history.position(user.name),
      ...{ targets, reach, now: clock() },
    });
    if (!changed.ok) return changed;
    if (changed.value.type === 'put') await this.#put(changed.value.hook);
    else await this.#remove(changed.value.hook);
    return changed;
  }

  /** A new one, a changed one, or one that is to be tried again. Resolves when it is on disk. */
  #put(hook: Webhook): Promise<void> {
    const running = this.#running.get(webhookKey(hook));
    this.#note(hook);
    if (running === undefined) this.#run(hook);
    else {
      running.noted = hook;
      running.courier.renew(hook, this.#parkedTexts(hook));
      this.#plan(running);
    }
    return this.#written(hook.user);
  }

  /** Resolves when it is gone from the disk. */
  #remove(hook: Webhook): Promise<void> {
    this.#stop(hook);
    return this.#written(hook.user);
  }

  deliver(client: ClientRef, event: ImEvent): 'accepted' | 'refused' {
    const barrier = this.#barriers.get(client);
    if (barrier !== undefined) {
      if (event.type === 'attached') barrier();
      return 'accepted';
    }
    const running = [...this.#running.values()].find((one) => one.client === client);
    if (running === undefined) return 'refused';
    if (event.type === 'attached') running.isAttached = true;
    if (event.type !== 'read') this.#plan(running);
    return 'accepted';
  }

  #run(hook: Webhook): void {
    this.#lastNumber += 1;
    const client = clientRef(`http:webhook-${this.#lastNumber}`);
    const courier = new Courier(hook, Math.random);
    const state = { isAttached: false, isPlanned: false, timer: undefined, noted: hook };
    this.#running.set(webhookKey(hook), { courier, client, ...state });
    this.#options.world.input({ type: 'attached', client, user: hook.user });
  }

  #stop(hook: Webhook): void {
    const key = webhookKey(hook);
    const running = this.#running.get(key);
    if (running === undefined) return;
    clearTimeout(running.timer);
    this.#running.delete(key);
    this.#options.world.input({ type: 'detached', client: running.client });
    this.#options.world.input({ type: 'note', gateway: 'http', key, value: undefined });
  }

  /** In a later turn, which sees all that is on disk now. */
  #plan(running: Running): void {
    if (running.isPlanned || this.#isClosed) return;
    running.isPlanned = true;
    setImmediate(() => {
      running.isPlanned = false;
      if (!this.#isClosed && this.#running.get(webhookKey(running.courier.hook)) === running) this.#pump(running);
    });
  }

  #pump(running: Running): void {
    const { courier } = running;
    const { world, clock } = this.#options;
    const { hook } = courier;
    const user = world.history.user(hook.user);
    if (user === undefined || user.createdAt !== hook.userSince) return this.#stop(hook);
    if (!running.isAttached || !user.scopes.includes('read')) return;
    const wanted = courier.wants();
    if (wanted !== undefined) courier.load(world.history.changesSince(hook.user, wanted.position, wanted));
    for (const delivery of courier.next(clock())) {
      const reach: Reach = this.#options.targets === 'any' ? 'any' : hook.reach;
      void this.#caller.call({ hook, delivery, reach, now: clock() }).then((verdict) => {
        if (this.#isClosed) return;
        courier.finish(delivery, verdict, clock());
        this.#keep(running);
        this.#plan(running);
      });
    }
    clearTimeout(running.timer);
    const deadline = courier.deadline();
    if (deadline === undefined) return;
    running.timer = setTimeout(() => this.#plan(running), Math.min(Math.max(deadline - clock(), 1), longestTimerMs));
  }

  /** Notes what changed, and says what an operator should know. */
  #keep(running: Running): void {
    const { hook } = running.courier;
    if (hook === running.noted || this.#running.get(webhookKey(hook)) !== running) return;
    const fields = { user: hook.user, webhook: hook.name };
    if (hook.state === 'parked' && running.noted.state !== 'parked') {
      this.#options.log(logEvent('warn', 'webhook.parked', { ...fields, why: hook.why }));
    } else if (hook.parked.length > running.noted.parked.length) {
      const why = hook.parked.at(-1)?.why;
      this.#options.log(logEvent('warn', 'webhook.delivery-parked', { ...fields, why, count: hook.parked.length }));
    }
    running.noted = hook;
    this.#note(hook);
  }

  #note(hook: Webhook): void {
    this.#options.world.input({ type: 'note', gateway: 'http', key: webhookKey(hook), value: webhookValue(hook) });
  }

  #parkedTexts({ user, parked }: Webhook): readonly TextView[] {
    return parked.flatMap(({ messageId }) => this.#options.world.history.text(user, textId(messageId)) ?? []);
  }

  /** What was given to the exchange before is on disk when a client that comes now is told that it is attached. */
  #written(user: string): Promise<void> {
    this.#lastNumber += 1;
    const client = clientRef(`http:barrier-${this.#lastNumber}`);
    return new Promise((resolve) => {
      this.#barriers.set(client, () => {
        this.#barriers.delete(client);
        this.#options.world.input({ type: 'detached', client });
        resolve();
      });
      this.#options.world.input({ type: 'attached', client, user });
    });
  }
}
