import { lazy, Suspense, type ComponentProps, type ComponentType } from 'react';

const shown = () => import('./shown');

/** A part of a message that few have: it loads with the first one. */
function later<P extends object>(pick: (from: Awaited<ReturnType<typeof shown>>) => ComponentType<P>) {
  const Part = lazy(async () => ({ default: pick(await shown()) }));
  return function Later(props: P) {
    return (
      <Suspense fallback={null}>
        <Part {...(props as ComponentProps<typeof Part>)} />
      </Suspense>
    );
  };
}

export const FormAnswers = later((from) => from.FormAnswers);
export const AboutProduct = later((from) => from.AboutProduct);
export const ReferralLink = later((from) => from.ReferralLink);
export const CardMore = later((from) => from.CardMore);
export const CallContent = later((from) => from.CallContent);
export const OrderContent = later((from) => from.OrderContent);
export const Carousel = later((from) => from.Carousel);
export const Products = later((from) => from.Products);
export const FileAddress = later((from) => from.FileAddress);
export const TemplateButtons = later((from) => from.TemplateButtons);
export const AskAgain = later((from) => from.AskAgain);
export const EditWithoutWords = later((from) => from.EditWithoutWords);
export const UnsupportedReason = later((from) => from.UnsupportedReason);
