import { queryOptions, useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { Me } from '../types';

/** The key of who is signed in. */
export const meKey = ['me'] as const;

/** Who is signed in, what they may do, and where Temporal Web is. */
export const meQuery = queryOptions({
  queryKey: meKey,
  queryFn: ({ signal }) => ask(api.GET('/v1/sign-in', { signal })),
  staleTime: 5 * 60_000,
  retry: false,
});

/** The user who is signed in. Only for screens behind the sign-in. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** Signs in with e-mail and password. */
export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { email: string; password: string }) => ask(api.POST('/v1/sign-in', { body })),
    onSuccess: (me) => client.setQueryData(meKey, me),
  });
}

/** Signs in with the token of a one-time link. */
export function useSignInByLink() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => ask(api.POST('/v1/sign-in/link', { body: { token } })),
    onSuccess: (me) => client.setQueryData(meKey, me),
  });
}

/** Signs out and leaves nothing of the account in memory. */
export function useSignOut() {
  return useMutation({
    mutationFn: () => ask(api.DELETE('/v1/sign-in')),
    // A page load drops the cache, the socket and everything else at once.
    onSettled: () => location.assign('/entrar?motivo=saiu'),
  });
}
