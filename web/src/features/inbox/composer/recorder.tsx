import { Check, Pause, Play, Square, Trash2 } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePreferences } from '@/app/preferences';
import { Button, IconButton } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { clock } from '@/i18n/format';
import { durationOf, writeOgg } from './ogg';
import { readWebm } from './webm';

const TYPES = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4'];
/** A voice note of more than this is no voice note. */
const MOST_MS = 15 * 60_000;

/** A recording as the channel takes it. WebM, which most browsers write, becomes Ogg with the same sound. */
async function fileOf(chunks: Blob[], type: string, ms: number): Promise<{ file: File; durationMs: number }> {
  const blob = new Blob(chunks, { type });
  if (!type.startsWith('audio/webm')) {
    const ending = type.startsWith('audio/ogg') ? 'ogg' : 'm4a';
    return { file: new File([blob], `audio.${ending}`, { type: type.split(';')[0] ?? type }), durationMs: ms };
  }
  const track = readWebm(new Uint8Array(await blob.arrayBuffer()));
  return { file: new File([writeOgg(track)], 'audio.ogg', { type: 'audio/ogg' }), durationMs: Math.round(durationOf(track)) };
}

/** Records a voice note: the bin throws it away, stop ends it. It leaves then, or after it was heard, as was chosen (rule 117). */
export default function Recorder({ onDone, onDiscard }: { onDone: (file: File, durationMs: number) => void; onDiscard: () => void }) {
  const { t } = useTranslation();
  const { confirmAudio } = usePreferences();
  const recorder = useRef<MediaRecorder | undefined>(undefined);
  const chunks = useRef<Blob[]>([]);
  const began = useRef(0);
  const [ms, setMs] = useState(0);
  const [paused, setPaused] = useState(false);
  const [problem, setProblem] = useState<'denied' | 'failed' | undefined>(undefined);
  const [heard, setHeard] = useState<{ file: File; durationMs: number; url: string } | undefined>(undefined);
  const wanted = useRef(false);
  const done = useRef(onDone);
  const confirm = useRef(confirmAudio);
  useEffect(() => {
    done.current = onDone;
    confirm.current = confirmAudio;
  });

  useEffect(() => {
    let over = false;
    let stream: MediaStream | undefined;
    const start = async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
      } catch {
        if (!over) setProblem('denied');
        return;
      }
      const type = TYPES.find((each) => MediaRecorder.isTypeSupported(each));
      if (over || type === undefined) {
        for (const track of stream.getTracks()) track.stop();
        if (!over) setProblem('failed');
        return;
      }
      const recording = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 32_000 });
      recorder.current = recording;
      recording.ondataavailable = ({ data }) => chunks.current.push(data);
      recording.onstop = () => {
        for (const track of stream?.getTracks() ?? []) track.stop();
        if (!wanted.current) return;
        fileOf(chunks.current, type, Date.now() - began.current).then(
          ({ file, durationMs }) => {
            if (confirm.current) setHeard({ file, durationMs, url: URL.createObjectURL(file) });
            else done.current(file, durationMs);
          },
          () => setProblem('failed'),
        );
      };
      began.current = Date.now();
      recording.start(1000);
      // The button that was pressed is gone: what ends the recording has the focus now.
      document.getElementById('parar-gravacao')?.focus();
    };
    void start();
    return () => {
      over = true;
      // A screen that goes away records nothing more and sends nothing.
      if (!wanted.current && recorder.current?.state !== 'inactive') recorder.current?.stop();
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, []);

  const stop = useCallback(() => {
    wanted.current = true;
    if (recorder.current?.state !== 'inactive') recorder.current?.stop();
  }, []);
  useEffect(() => {
    if (paused || heard || problem) return;
    const timer = setInterval(() => setMs((now) => now + 200), 200);
    return () => clearInterval(timer);
  }, [paused, heard, problem]);
  useEffect(() => {
    if (ms >= MOST_MS) stop();
  }, [ms, stop]);
  useEffect(() => () => (heard ? URL.revokeObjectURL(heard.url) : undefined), [heard]);

  if (problem) {
    return (
      <div role="alert" className="flex min-h-10 items-center gap-3 rounded-xl bg-warn-soft px-3 py-1.5 text-sm text-warn">
        <p className="min-w-0 flex-1">{t(`composer.voice.${problem}`)}</p>
        <Button className="min-h-8" onClick={onDiscard}>
          {t('app.close')}
        </Button>
      </div>
    );
  }
  return (
    <div role="group" aria-label={t('composer.voice.title')} className="flex min-h-10 items-center gap-2 rounded-xl border border-line-strong bg-raised px-2">
      <IconButton label={t('composer.voice.discard')} onClick={onDiscard} className="text-bad">
        <Trash2 aria-hidden="true" className="size-5" />
      </IconButton>
      <span aria-hidden="true" className={`size-2.5 rounded-full bg-bad ${paused ? '' : 'motion-safe:animate-pulse'}`} />
      <p role="timer" className="tabular flex-1 text-sm font-medium">
        {clock(ms / 1000)}
      </p>
      <IconButton
        label={t(paused ? 'composer.voice.resume' : 'composer.voice.pause')}
        onClick={() => {
          if (paused) recorder.current?.resume();
          else recorder.current?.pause();
          setPaused(!paused);
        }}
      >
        {paused ? <Play aria-hidden="true" className="size-5" /> : <Pause aria-hidden="true" className="size-5" />}
      </IconButton>
      <Button look="primary" onClick={stop} id="parar-gravacao">
        {confirmAudio ? <Square aria-hidden="true" className="size-4" /> : <Check aria-hidden="true" className="size-4" />}
        {t(confirmAudio ? 'composer.voice.stop' : 'composer.voice.send')}
      </Button>
      <Dialog open={heard !== undefined} onOpenChange={(open) => !open && onDiscard()} title={t('composer.voice.sure')}>
        {heard && (
          <>
            {/* eslint-disable-next-line jsx-a11y/media-has-caption -- the agent's own words */}
            <audio src={heard.url} controls className="w-full" />
            <div className="mt-4 flex justify-end gap-2">
              <Button onClick={onDiscard}>{t('composer.voice.no')}</Button>
              <Button look="primary" onClick={() => onDone(heard.file, heard.durationMs)}>
                {t('composer.voice.yes')}
              </Button>
            </div>
          </>
        )}
      </Dialog>
    </div>
  );
}
