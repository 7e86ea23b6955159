import { Download, FileText, ImageOff, Pause, Play } from 'lucide-react';
import { useContext, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentMedia, Media } from '@/api/types';
import { clock, fileSize } from '@/i18n/format';
import { usePreferences } from '@/app/preferences';
import { AskAgain, FileAddress } from './later';
import { PictureContext } from './pictures';

/** A file in a message: what the message says about it, and what became of it with us. */
interface FilePart {
  media: ContentMedia;
  file?: Media | undefined;
}

/** Where the console fetches a stored file: our own server, with the cookie of the sign-in. */
export function sourceOf({ media, file }: FilePart): string | undefined {
  if (file) return file.state === 'stored' ? file.url : undefined;
  return media.media_id ? `/v1/media/${media.media_id}/content` : undefined;
}

/** Stands where a file cannot be shown: it is still being fetched, or it could not be. */
function MediaFallback({ file, media, failed = false }: { file: Media | undefined; media?: ContentMedia; failed?: boolean }) {
  const { t } = useTranslation();
  // A file that the provider fetches from a public address is none of ours, and never comes.
  if (!file && media?.url !== undefined && media.url !== '' && !media.media_id) return <FileAddress address={media.url} />;
  const pending = !failed && file?.state !== 'failed' && file?.state !== 'refused';
  return (
    <div className="flex min-h-24 min-w-52 flex-col items-center justify-center gap-2 rounded-lg bg-ink/6 p-4 text-center text-sm text-muted">
      <ImageOff aria-hidden="true" className="size-6" />
      {pending ? t('content.mediaPending') : t('content.mediaFailed')}
      {!pending && file?.error && (
        <span lang="en" className="text-xs">
          {file.error}
        </span>
      )}
      {!pending && !failed && file && <AskAgain id={file.id} />}
    </div>
  );
}

/** A picture that opens large, where there is a place for that. Its name is the caption, or who sent it. */
export function ImageContent({ media, file, sender }: FilePart & { sender: string }) {
  const { t } = useTranslation();
  const [failed, setFailed] = useState(false);
  const openPicture = useContext(PictureContext);
  const src = sourceOf({ media, file });
  if (src === undefined || failed) return <MediaFallback file={file} media={media} failed={failed} />;
  const alt = media.caption || t('content.imageFrom', { name: sender });
  const ratio = media.width && media.height ? { aspectRatio: `${media.width} / ${media.height}` } : undefined;
  return (
    <button
      type="button"
      aria-label={`${t('content.enlarge')}: ${alt}`}
      onClick={() => openPicture?.({ src, alt, caption: media.caption ?? '', filename: media.filename ?? '' })}
      className="block overflow-hidden rounded-lg"
    >
      <img
        src={src}
        alt={alt}
        loading="lazy"
        style={ratio}
        onError={() => setFailed(true)}
        className="max-h-80 min-h-24 w-auto min-w-24 max-w-full bg-ink/6 object-cover"
      />
    </button>
  );
}

/** A video with the browser's own controls. */
export function VideoContent({ media, file }: FilePart) {
  const { t } = useTranslation();
  const src = sourceOf({ media, file });
  if (src === undefined) return <MediaFallback file={file} media={media} />;
  return (
    // eslint-disable-next-line jsx-a11y/media-has-caption -- people send these; no captions come with them
    <video src={src} controls preload="metadata" aria-label={media.caption || t('content.video')} className="max-h-80 w-full max-w-sm rounded-lg bg-black" />
  );
}

/** A sticker, drawn without a bubble's ground. */
export function StickerContent({ media, file }: FilePart) {
  const { t } = useTranslation();
  const src = sourceOf({ media, file });
  if (src === undefined) return <MediaFallback file={file} media={media} />;
  return <img src={src} alt={t('content.sticker')} loading="lazy" className="size-36 object-contain" />;
}

const RATES = [1, 1.5, 2] as const;

/** Audio and voice notes: play, seek, and three speeds. */
export function AudioContent({ media, file, voice }: FilePart & { voice: boolean }) {
  const { t } = useTranslation();
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState((media.duration_ms ?? 0) / 1000);
  const [rate, setRate] = useState<(typeof RATES)[number]>(1);
  const [failed, setFailed] = useState(false);
  const src = sourceOf({ media, file });
  useEffect(() => {
    if (audio.current) audio.current.playbackRate = rate;
  }, [rate]);
  if (src === undefined || failed) return <MediaFallback file={file} media={media} failed={failed} />;
  const toggle = async () => {
    const player = audio.current;
    if (!player) return;
    if (playing) player.pause();
    else await player.play().catch(() => setFailed(true));
  };
  const name = voice ? t('content.voice') : t('content.audio');
  const nextRate = RATES[(RATES.indexOf(rate) + 1) % RATES.length] ?? 1;
  return (
    <div role="group" aria-label={name} className="flex w-64 max-w-full items-center gap-2 py-1">
      {/* eslint-disable-next-line jsx-a11y/media-has-caption -- people record these; no captions come with them */}
      <audio
        ref={audio}
        src={src}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setAt(0)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onLoadedMetadata={(event) => {
          // A recording that was streamed has no length of its own.
          if (Number.isFinite(event.currentTarget.duration)) setLength(event.currentTarget.duration);
        }}
        onError={() => setFailed(true)}
      />
      <button
        type="button"
        onClick={toggle}
        aria-label={playing ? t('content.pause') : t('content.play')}
        className="inline-flex size-10 shrink-0 items-center justify-center rounded-full bg-accent text-on-accent hover:bg-accent-strong"
      >
        {playing ? <Pause aria-hidden="true" className="size-4 fill-current" /> : <Play aria-hidden="true" className="size-4 translate-x-px fill-current" />}
      </button>
      <div className="min-w-0 flex-1">
        <input
          type="range"
          min={0}
          max={Math.max(length, at, 1)}
          step={0.1}
          value={at}
          aria-label={t('content.position')}
          aria-valuetext={`${clock(at)} / ${clock(length)}`}
          onChange={(event) => {
            const to = Number(event.target.value);
            if (audio.current) audio.current.currentTime = to;
            setAt(to);
          }}
          className="h-6 w-full accent-[var(--accent)]"
        />
        <div className="tabular -mt-1 flex justify-between text-xs text-muted">
          <span>{clock(playing || at > 0 ? at : length)}</span>
          <span>{name}</span>
        </div>
      </div>
      <button
        type="button"
        onClick={() => setRate(nextRate)}
        aria-label={t('content.speed', { rate })}
        className="tabular min-h-7 min-w-10 rounded-full bg-ink/8 px-1.5 text-xs font-semibold text-muted hover:text-ink"
      >
        {rate}×
      </button>
    </div>
  );
}

/** A file of any kind: its name, its size, and a way to get it. */
export function DocumentContent({ media, file }: FilePart) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const src = sourceOf({ media, file });
  const size = media.size ?? file?.size;
  const name = media.filename || file?.filename || t('content.document');
  const kind = ((media.filename || file?.filename)?.split('.').pop() ?? (media.mime_type || file?.mime_type)?.split('/').pop() ?? '').slice(0, 5).toUpperCase();
  const details = [kind, size ? fileSize(size, language) : ''].filter(Boolean).join(' · ');
  const body = (
    <>
      <span className="flex size-10 shrink-0 items-center justify-center rounded-lg bg-accent-soft text-accent-strong">
        <FileText aria-hidden="true" className="size-5" />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate text-sm font-medium">{name}</span>
        <span className="block text-xs text-muted">
          {src !== undefined ? details : file?.state === 'failed' || file?.state === 'refused' ? t('content.mediaFailed') : t('content.mediaPending')}
        </span>
      </span>
      {src !== undefined && <Download aria-hidden="true" className="size-4 shrink-0 text-muted" />}
    </>
  );
  const shape = 'flex w-72 max-w-full items-center gap-3 rounded-lg bg-ink/5 p-2';
  if (src === undefined) {
    const lost = file?.state === 'failed' || file?.state === 'refused';
    return (
      <div className="space-y-1.5">
        <div className={shape}>{body}</div>
        {lost && <AskAgain id={file.id} />}
      </div>
    );
  }
  return (
    <a href={src} download={name} aria-label={`${t('content.download')}: ${name}`} className={`${shape} hover:bg-ink/9`}>
      {body}
    </a>
  );
}
