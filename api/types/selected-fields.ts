import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

/**
 * Whether a request asks for a field below the one being resolved: what is costly need not be computed
 * for those who do not. `@skip` and `@include` are not looked at, so it may say yes too often.
 * @example selects(info, ['points', 'change'])
 */
export function selects(info: GraphQLResolveInfo, path: readonly string[]): boolean {
  return info.fieldNodes.some(({ selectionSet }) => reaches(selectionSet, path, info));
}

function reaches(
  set: SelectionSetNode | undefined,
  path: readonly string[],
  info: GraphQLResolveInfo,
): boolean {
  const [name, ...rest] = path;
  if (name === undefined) return true;
  for (const selection of set?.selections ?? []) {
    if (selection.kind === Kind.FIELD) {
      const isNext = selection.name.value === name;
      if (isNext && reaches(selection.selectionSet, rest, info)) return true;
    } else {
      const inner =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection.selectionSet
          : info.fragments[selection.name.value]?.selectionSet;
      if (reaches(inner, path, info)) return true;
    }
  }
  return false;
}
