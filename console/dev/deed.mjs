// Who may do what with what goes to many.

/** What a person may do with a thing in a state, as the service tells it. */
export function deedsOf(moves, person, state, authorId) {
  const isWriter = person.roles.some((role) => role === 'marketing' || role === 'admin');
  const isApprover = person.roles.some((role) => role === 'approver' || role === 'admin');
  const may = {
    approve: isApprover && authorId !== person.id,
    send_back: isApprover || authorId === person.id,
    submit: isWriter,
    edit: isWriter && authorId === person.id,
  };
  const deeds = (moves[state] ?? []).filter((deed) => may[deed] ?? (isWriter || isApprover));
  return isWriter ? [...deeds, 'copy'] : deeds;
}
