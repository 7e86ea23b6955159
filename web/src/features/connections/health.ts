import { z } from 'zod/mini';

// Meta's words. The lists are Meta's and grow: any other word is shown as it came.
const QUALITIES = ['GREEN', 'YELLOW', 'RED', 'UNKNOWN'] as const;
const LIMITS = ['TIER_50', 'TIER_250', 'TIER_1K', 'TIER_2K', 'TIER_10K', 'TIER_100K', 'TIER_UNLIMITED'] as const;

/** A number's quality. */
export type Quality = (typeof QUALITIES)[number];
/** How many people a day a number may write to. */
export type SendLimit = (typeof LIMITS)[number];

/** A quality with words of its own. */
export function qualityOf(word: string | undefined): Quality | undefined {
  return QUALITIES.find((each) => each === word);
}

/** A limit with words of its own. */
export function limitOf(word: string | undefined): SendLimit | undefined {
  return LIMITS.find((each) => each === word);
}

// What the provider said about the number when it was last asked, in the channel port's words. What is missing is not shown.
const healthSchema = z.object({
  verified_name: z.optional(z.string()),
  quality: z.optional(z.string()),
  limit: z.optional(z.string()),
  per_second: z.optional(z.number()),
  /** APPROVED, REJECTED and the like: what Meta decided about the name. */
  name_status: z.optional(z.string()),
  /** AVAILABLE, LIMITED or BLOCKED. */
  can_send: z.optional(z.string()),
});

const noticeSchema = z.object({
  kind: z.string(),
  level: z.enum(['good', 'info', 'warning', 'alert']),
  at: z.string(),
  words: z.catch(z.optional(z.record(z.string(), z.string())), undefined),
});

/** News about the number, its account or its templates: the latest of each subject. */
export type Notice = z.infer<typeof noticeSchema>;

const LEVELS: Record<Notice['level'], number> = { alert: 0, warning: 1, good: 2, info: 3 };
const SHOWN_MS = 30 * 24 * 3_600_000;

/** The news of the last 30 days, the gravest first and then the newest. What cannot be read is left out. */
export function noticesOf(health: unknown, now: number): Notice[] {
  const all = z.safeParse(z.object({ notices: z.optional(z.record(z.string(), z.unknown())) }), health);
  return Object.values(all.data?.notices ?? {})
    .flatMap((each) => z.safeParse(noticeSchema, each).data ?? [])
    .filter(({ at }) => now - Date.parse(at) < SHOWN_MS)
    .sort((a, b) => LEVELS[a.level] - LEVELS[b.level] || b.at.localeCompare(a.at));
}

/** What is known of a connection's health. */
export type Health = z.infer<typeof healthSchema>;

/** Reads a connection's health; nothing readable is nothing known. */
export function readHealth(value: unknown): Health {
  const parsed = healthSchema.safeParse(value);
  return parsed.success ? parsed.data : {};
}
