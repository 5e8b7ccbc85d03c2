import topk from './index.cjs';

export const { getLoadablePath, load } = topk;
