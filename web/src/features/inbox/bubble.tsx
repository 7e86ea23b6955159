import { Bot, CircleSlash, Forward, Lock, Megaphone, Smartphone, Terminal, TriangleAlert, UserRound } from 'lucide-react';
import { lazy, memo, Suspense, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message, MessageRef } from '@/api/types';
import { useDates } from '@/i18n/format';
import { AboutProduct, ReferralLink } from './content/later';
import { MessageContent } from './content/message-content';
import { inWords } from './content/words';
import { DeliveryNotice, TickDetails } from './delivery';
import { MessageTools } from './message-tools';
import { noteText } from './system-notes';
import { saidAt, writtenAt, type Bubble as BubbleItem } from './timeline-items';

// Only what this page has sent has one: it comes when something is sent.
const SendingNotice = lazy(() => import('./composer/sending-notice'));

const ORIGINS = {
  bot: Bot,
  agent: UserRound,
  phone: Smartphone,
  broadcast: Megaphone,
  api: Terminal,
  system: Bot,
} as const;

function OriginLabel({ message }: { message: Message }) {
  const { t } = useTranslation();
  const { origin, author } = message;
  if (origin === 'contact') return null;
  const Icon = ORIGINS[origin];
  return (
    <span className="inline-flex items-center gap-1">
      <Icon aria-hidden="true" className="size-3.5" />
      {origin === 'agent' && author ? author.name : t(`timeline.origin.${origin}`)}
    </span>
  );
}

function Quote({ reply, quoted, sender, onJump }: { reply: MessageRef; quoted: Message | undefined; sender: string; onJump: (id: number) => void }) {
  const { t } = useTranslation();
  const id = reply.message_id;
  const shape = 'mb-1.5 block w-full max-w-72 rounded-lg border-l-3 border-accent bg-ink/5 px-2.5 py-1.5 text-left text-sm';
  if (id === undefined) return <p className={`${shape} text-muted italic`}>{t('timeline.quoteMissing')}</p>;
  if (!quoted)
    return (
      <button type="button" onClick={() => onJump(id)} className={`${shape} text-muted italic hover:bg-ink/9`}>
        {t('timeline.quoteEarlier')}
      </button>
    );
  return (
    <button type="button" onClick={() => onJump(id)} className={`${shape} hover:bg-ink/9`}>
      <span className="sr-only">{t('timeline.quoted')}: </span>
      <span className="block text-xs font-semibold text-accent-strong">{quoted.direction === 'in' ? sender : t('inbox.you')}</span>
      <span className="line-clamp-2 text-muted">{inWords(quoted.content, t)}</span>
    </button>
  );
}

function ground(message: Message): string {
  if (message.direction === 'note') return 'bg-bubble-note';
  if (message.origin === 'phone') return 'bg-bubble-phone';
  return message.direction === 'out' ? 'bg-bubble-out' : 'bg-bubble-in';
}

/** One message: who wrote it, what it answers, what it says, when, and what became of it. */
export const Bubble = memo(function Bubble({
  item,
  quoted,
  sender,
  highlighted,
  lit,
  onJump,
}: {
  item: BubbleItem;
  quoted: Message | undefined;
  sender: string;
  highlighted: boolean;
  /** A search inside the conversation is at it. */
  lit: boolean;
  onJump: (id: number) => void;
}) {
  const { t } = useTranslation();
  const dates = useDates();
  const { message, content, follows } = item;
  const out = message.direction !== 'in';
  const bare = content.kind === 'sticker' && !item.deleted;
  const who = out ? '' : sender;
  const at = saidAt(message);
  const late = at !== writtenAt(message);
  // Only what the channel has can be answered or reacted to.
  const canAnswer = message.id > 0 && !item.deleted && message.direction !== 'note' && (message.direction === 'in' || message.provider_message_id !== undefined);
  let body: ReactNode;
  if (item.deleted) {
    body = (
      <>
        <p className="flex items-center gap-2 text-sm text-muted italic">
          <CircleSlash aria-hidden="true" className="size-4" />
          {t('content.deleted')}
        </p>
        {content.kind !== 'deleted' && (
          <div className="mt-1 opacity-60">
            <MessageContent content={content} sender={who} />
          </div>
        )}
      </>
    );
  } else {
    body = <MessageContent content={content} file={message.media} sender={who} />;
  }
  return (
    <article
      id={`m-${message.id}`}
      aria-current={lit || undefined}
      aria-label={`${out ? t(`timeline.origin.${message.origin}`) : sender}, ${dates.time(at)}`}
      className={`flex flex-col ${out ? 'items-end' : 'items-start'} ${follows ? 'mt-0.5' : 'mt-2.5'}`}
    >
      <div className={`group/message flex max-w-full gap-1 ${out ? 'flex-row-reverse' : ''}`}>
        <div
          className={`relative max-w-[min(85vw,36rem)] min-w-0 rounded-2xl ${bare ? '' : `px-3 pt-2 pb-1.5 shadow-bubble ${ground(message)}`} ${
            out ? 'rounded-br-md' : 'rounded-bl-md'
          } ${highlighted ? 'animate-flash' : ''} ${lit ? 'outline-3 outline-offset-2 outline-accent' : ''}`}
        >
          {message.direction === 'note' && (
            <p className="mb-1 flex items-center gap-1.5 text-xs font-medium text-bad">
              <Lock aria-hidden="true" className="size-3.5" />
              {t('timeline.note')}
            </p>
          )}
          {(content.forwarded ?? content.frequently_forwarded) && (
            <p className="mb-1 flex items-center gap-1.5 text-xs text-muted italic">
              <Forward aria-hidden="true" className="size-3.5" />
              {content.frequently_forwarded ? t('timeline.frequentlyForwarded') : t('timeline.forwarded')}
            </p>
          )}
          {content.referral && (
            <p className="mb-1.5 rounded-lg bg-ink/5 px-2.5 py-1.5 text-sm">
              <span className="block text-xs font-semibold text-accent-strong">
                {content.referral.source_type === 'post' ? t('timeline.fromPost') : t('timeline.fromAd')}
              </span>
              {content.referral.headline ?? content.referral.body}
              {content.referral.source_url && <ReferralLink referral={content.referral} />}
            </p>
          )}
          {content.referred_product && <AboutProduct product={content.referred_product} />}
          {content.reply_to && content.kind !== 'reaction' && !(content.referred_product && content.reply_to.message_id === undefined) && <Quote reply={content.reply_to} quoted={quoted} sender={sender} onJump={onJump} />}
          {body}
          <p className="tabular mt-0.5 flex items-center justify-end gap-1.5 text-xs text-muted">
            {out && !follows && <OriginLabel message={message} />}
            {item.edited && <span>{t('timeline.edited')}</span>}
            <time dateTime={at} title={late ? t('timeline.late', { said: dates.full(at), came: dates.full(writtenAt(message)) }) : dates.full(at)}>
              {late ? dates.short(at, Date.parse(writtenAt(message))) : dates.time(at)}
            </time>
            {message.direction === 'out' && <TickDetails message={message} />}
          </p>
          {item.reactions.length > 0 && (
            <p className="absolute -bottom-3 left-2 flex gap-0.5 rounded-full border border-line bg-raised px-1.5 py-0.5 text-sm">
              {item.reactions.map((reaction) => (
                <span key={String(reaction.own)} role="img" aria-label={t('timeline.reaction', { emoji: reaction.emoji })}>
                  {reaction.emoji}
                </span>
              ))}
            </p>
          )}
        </div>
        {canAnswer && <MessageTools message={message} own={item.reactions.find((each) => each.own)?.emoji} />}
      </div>
      {item.reactions.length > 0 && <div className="h-2.5" />}
      {item.sending ? (
        <Suspense>
          <SendingNotice sending={item.sending} />
        </Suspense>
      ) : (
        message.direction === 'out' && <DeliveryNotice message={message} />
      )}
    </article>
  );
});

/** A line the system wrote, for agents only; an alert is red and says so by its sign too (rule 131). */
export function SystemLine({ message }: { message: Message }) {
  const { t } = useTranslation();
  const dates = useDates();
  const note = message.content.system_note;
  const words = noteText(t, note, message.content.text);
  const alert = note?.params?.level === 'alert';
  return (
    <p className="my-2.5 flex justify-center px-4 text-center text-xs">
      <span
        className={`inline-flex items-center gap-1.5 rounded-2xl px-3 py-1 ${alert ? 'bg-bad-soft font-medium text-bad' : 'bg-surface text-muted shadow-bubble'}`}
      >
        {alert && <TriangleAlert aria-hidden="true" className="size-3.5" />}
        {words}
        <time dateTime={message.created_at} className="tabular opacity-80">
          {dates.time(message.created_at)}
        </time>
      </span>
    </p>
  );
}
