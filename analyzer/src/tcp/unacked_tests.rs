//! Lists of unacknowledged segments, against one that looks at everything.

use proptest::prelude::*;

use super::*;

fn sent(frame: u32, start: u32, end: u32) -> Sent {
    Sent { time: i64::from(frame), frame, start, end }
}

fn acknowledge(
    pool: &mut UnackedPool,
    list: &mut UnackedList,
    ack: u32,
    base: u32,
) -> Option<Sent> {
    let index = pool.acknowledge(list, ack, base)?;
    Some(pool.at(index).expect("a place in the pool"))
}

#[test]
fn an_ack_drops_trims_and_finds_the_oldest_exact_end() {
    let mut pool = UnackedPool::new();
    let mut list = UnackedList::EMPTY;
    for (frame, start, end) in [(1, 10, 20), (2, 20, 30), (3, 10, 20), (4, 30, 40)] {
        pool.push(&mut list, sent(frame, start, end), 0);
    }
    assert_eq!(acknowledge(&mut pool, &mut list, 20, 0).map(|s| s.frame), Some(1));
    assert_eq!(pool.iter(list).map(|s| s.frame).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(acknowledge(&mut pool, &mut list, 25, 0), None, "inside a segment");
    assert_eq!(pool.iter(list).map(|s| s.start).collect::<Vec<_>>(), [25, 30]);
    assert_eq!(acknowledge(&mut pool, &mut list, 100, 0), None, "beyond everything");
    assert_eq!(list, UnackedList::EMPTY);
}

#[test]
fn freed_nodes_are_reused() {
    let mut pool = UnackedPool::new();
    let mut list = UnackedList::EMPTY;
    for round in 0..1000_u32 {
        let start = round * 10;
        pool.push(&mut list, sent(round, start, start + 10), 0);
        pool.push(&mut list, sent(round, start, start + 10), 0);
        pool.acknowledge(&mut list, start + 10, 0);
    }
    assert_eq!(pool.capacity_used(), 2);
}

#[test]
fn a_list_keeps_ten_thousand_segments() {
    let mut pool = UnackedPool::new();
    let mut list = UnackedList::EMPTY;
    for frame in 0..20_000 {
        pool.push(&mut list, sent(frame, frame, frame + 1), 0);
    }
    assert_eq!(pool.iter(list).count(), 10_000);
    assert_eq!(pool.iter(list).last().map(|s| s.frame), Some(9_999));
}

/// The same list, kept in the plainest way: every answer by looking at every segment.
#[derive(Default)]
struct Plain(Vec<Sent>);

impl Plain {
    fn acknowledge(&mut self, ack: u32) -> Option<Sent> {
        let ack = SeqNumber(ack);
        let exact = self.0.iter().find(|sent| sent.end == ack.0).copied();
        self.0.retain(|sent| SeqNumber(sent.end).is_after(ack));
        for sent in self.0.iter_mut().filter(|sent| ack.is_after(SeqNumber(sent.start))) {
            sent.start = ack.0;
        }
        exact
    }

    /// A step that speaks of the list, in numbers.
    fn resolve(&self, step: Step) -> Step {
        match (step, self.0.as_slice()) {
            (Step::Follow(gap, len), sent) => {
                let end = sent.last().map_or(1000, |newest| newest.end);
                Step::Push(end.wrapping_add(gap), len)
            }
            (Step::AcknowledgeOne(_), []) => Step::Acknowledge(1000),
            (Step::AcknowledgeOne(which), sent) => Step::Acknowledge(which.get(sent).end),
            (step, _) => step,
        }
    }

    fn span(&self, base: u32) -> Option<u32> {
        let low = self.0.iter().map(|sent| sent.start.wrapping_sub(base)).min()?;
        let high = self.0.iter().map(|sent| sent.end.wrapping_sub(base)).max()?;
        Some(high.wrapping_sub(low))
    }
}

#[derive(Debug, Clone)]
enum Step {
    Push(u32, u32),
    /// Behind the newest segment, with a gap and a length.
    Follow(u32, u32),
    Acknowledge(u32),
    /// The end of some segment on the list.
    AcknowledgeOne(prop::sample::Index),
    Rebase(u32),
}

/// Numbers that lie near each other, across the wrap and across the half circle.
fn number() -> impl Strategy<Value = u32> {
    let near = |centre: u32| (0_u32..60).prop_map(move |at| centre.wrapping_add(at) - 30);
    prop_oneof![4 => near(1000), 1 => near(1 << 31), 1 => any::<u32>(), 2 => (0_u32..30)
        .prop_map(|at| at.wrapping_sub(15))]
}

fn step() -> impl Strategy<Value = Step> {
    let len = prop_oneof![8 => 1_u32..20, 1 => any::<u32>()];
    prop_oneof![
        3 => (number(), len.clone()).prop_map(|(start, len)| Step::Push(start, len)),
        9 => (prop_oneof![3 => Just(0), 1 => 0_u32..3], len)
            .prop_map(|(gap, len)| Step::Follow(gap, len)),
        3 => number().prop_map(Step::Acknowledge),
        4 => any::<prop::sample::Index>().prop_map(Step::AcknowledgeOne),
        1 => number().prop_map(Step::Rebase),
    ]
}

proptest! {
    #[test]
    fn a_list_answers_like_one_that_looks_at_everything(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut pool = UnackedPool::new();
        let (mut list, mut plain, mut base) = (UnackedList::EMPTY, Plain::default(), 990);
        for (frame, step) in steps.into_iter().enumerate() {
            match plain.resolve(step) {
                Step::Push(start, len) => {
                    let sent = sent(frame as u32, start, start.wrapping_add(len));
                    pool.push(&mut list, sent, base);
                    plain.0.push(sent);
                }
                Step::Acknowledge(ack) => prop_assert_eq!(
                    acknowledge(&mut pool, &mut list, ack, base),
                    plain.acknowledge(ack)
                ),
                Step::Rebase(to) => {
                    base = to;
                    list.forget_span();
                }
                Step::Follow(..) | Step::AcknowledgeOne(_) => unreachable!("resolved"),
            }
            prop_assert_eq!(pool.span(&mut list, base), plain.span(base));
            prop_assert_eq!(pool.oldest(list), plain.0.first().copied());
            prop_assert_eq!(&pool.iter(list).collect::<Vec<_>>(), &plain.0);
        }
    }
}
