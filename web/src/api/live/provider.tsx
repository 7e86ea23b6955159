import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { meKey } from '../queries/sign-in';
import { liveUpdates } from './apply';
import { LiveStream, type LiveState, type Socket } from './socket';

interface Live {
  state: LiveState;
  /** Reads everything on screen again, and tries the stream at once. */
  resync: () => Promise<void>;
}

const LiveContext = createContext<Live>({ state: 'closed', resync: () => Promise.resolve() });

/** The state of the live updates. */
export function useLive(): Live {
  return useContext(LiveContext);
}

function openSocket(): Socket {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(`${scheme}//${location.host}/v1/events`) as Socket;
}

/** Keeps the stream of changes open while somebody is signed in, and brings what it tells into the query cache. */
export function LiveProvider({ children, connect = openSocket }: { children: ReactNode; connect?: () => Socket }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  const stream = useRef<LiveStream | null>(null);
  useEffect(() => {
    const apply = liveUpdates(client);
    const live = new LiveStream({
      connect,
      onState: setState,
      onEvents: apply,
      onFresh: () => void client.invalidateQueries(),
      onSignedOut: () => void client.invalidateQueries({ queryKey: meKey }),
    });
    stream.current = live;
    live.start();
    const retry = () => live.retryNow();
    const visible = () => {
      if (document.visibilityState === 'visible') live.retryNow();
    };
    addEventListener('online', retry);
    document.addEventListener('visibilitychange', visible);
    return () => {
      removeEventListener('online', retry);
      document.removeEventListener('visibilitychange', visible);
      live.stop();
      stream.current = null;
    };
  }, [client, connect]);
  const value = useMemo(
    () => ({
      state,
      resync: async () => {
        stream.current?.retryNow();
        await client.invalidateQueries();
      },
    }),
    [state, client],
  );
  return <LiveContext value={value}>{children}</LiveContext>;
}
