//! The functions that captures add to CEL: what they give, and what they refuse.

use std::sync::Arc;

use cel::common::types::{CelBool, CelBytes, CelInt, CelList, CelString};
use cel::common::value::{CowVal, Val};
use cel::{Context, ExecutionError, FunctionContext};
use sha2::{Digest, Sha256};

use super::answers::Answers;
use super::reading::Sender;
use super::{bounds, overlaps, value};

type Called<'c, 'v> = Result<CowVal<'c, 'v>, ExecutionError>;

/// A function as CEL calls it.
type Function = Box<
    dyn for<'c, 'v> Fn(&mut FunctionContext<'c, 'v>) -> Result<CowVal<'c, 'v>, ExecutionError>
        + Send
        + Sync,
>;

/// Teaches a context our functions.
pub fn add(context: &mut Context<'_, '_>, answers: &Arc<Answers>) {
    type Body = for<'c, 'v> fn(&mut FunctionContext<'c, 'v>, &Answers) -> Called<'c, 'v>;
    let functions: [(&str, Body); 6] = [
        ("frames", frames),
        ("count", count),
        ("payload", payload),
        ("sha256", sha256),
        ("overlaps", overlapping),
        ("matches_manifest", matches_manifest),
    ];
    for (name, body) in functions {
        let answers = Arc::clone(answers);
        let function: Function = Box::new(move |call| body(call, &answers));
        // The names are not taken: they are none of CEL's.
        let _ = context.add_function(name, function);
    }
}

fn argument<'a, 'c, 'v>(
    call: &'a FunctionContext<'c, 'v>,
    index: usize,
) -> Result<&'a (dyn Val + 'v), ExecutionError> {
    let found = call.args.get(index).map(|argument| &**argument);
    found.ok_or_else(|| call.error("an argument is missing"))
}

fn text(call: &FunctionContext<'_, '_>, index: usize) -> Result<String, ExecutionError> {
    let given = argument(call, index)?;
    let text = value::string(given).map(str::to_owned);
    text.ok_or_else(|| call.error(format!("a string was expected, not {}", value::told(given))))
}

fn whole<'c, 'v>(number: u64) -> Called<'c, 'v> {
    Ok(CowVal::owned(CelInt::from(i64::try_from(number).unwrap_or(i64::MAX))))
}

fn frames<'c, 'v>(call: &mut FunctionContext<'c, 'v>, answers: &Answers) -> Called<'c, 'v> {
    let selected = answers.selected(&text(call, 0)?).map_err(|error| call.error(error))?;
    let kept = selected.frames.len() as u64;
    if kept < selected.total {
        return Err(call.error(format!(
            "the filter selects {} frames, a list holds at most {kept}: use count()",
            selected.total
        )));
    }
    bounds::take(kept + 1)?;
    let numbers = selected.frames.iter().map(|frame| -> Box<dyn Val + 'v> {
        Box::new(CelInt::from(i64::try_from(*frame).unwrap_or(i64::MAX)))
    });
    Ok(CowVal::owned(CelList::from(numbers.collect::<Vec<_>>())))
}

fn count<'c, 'v>(call: &mut FunctionContext<'c, 'v>, answers: &Answers) -> Called<'c, 'v> {
    let selected = answers.selected(&text(call, 0)?).map_err(|error| call.error(error))?;
    whole(selected.total)
}

fn payload<'c, 'v>(call: &mut FunctionContext<'c, 'v>, answers: &Answers) -> Called<'c, 'v> {
    let sender = match text(call, 1)?.as_str() {
        "client" => Sender::Client,
        "server" => Sender::Server,
        other => {
            return Err(call.error(format!("\"client\" or \"server\" was expected, not {other:?}")));
        }
    };
    let connection = argument(call, 0)?;
    let stream = value::field(connection, "stream").and_then(value::whole);
    let stream = stream.or_else(|| value::whole(connection));
    let Some(stream) = stream.and_then(|stream| u32::try_from(stream).ok()) else {
        return Err(call.error("its first argument must be a connection or its stream number"));
    };
    let bytes = answers.payload(stream, sender).map_err(|error| call.error(error))?;
    bounds::take(bytes.len() as u64 / 256 + 1)?;
    Ok(CowVal::owned(CelBytes::from(bytes.to_vec())))
}

fn sha256<'c, 'v>(call: &mut FunctionContext<'c, 'v>, _: &Answers) -> Called<'c, 'v> {
    let given = argument(call, 0)?;
    let digest = if let Some(text) = value::string(given) {
        Sha256::digest(text.as_bytes())
    } else if let Some(bytes) = value::bytes(given) {
        bounds::take(bytes.len() as u64 / 64)?;
        Sha256::digest(bytes)
    } else {
        return Err(call.error(format!("bytes or a string, not {}", value::told(given))));
    };
    Ok(CowVal::owned(CelString::from(hex(&digest))))
}

fn overlapping<'c, 'v>(call: &mut FunctionContext<'c, 'v>, _: &Answers) -> Called<'c, 'v> {
    let list = argument(call, 0)?;
    let connections = value::elements(list);
    let count = connections.len() as u64;
    bounds::take(count + 1 + count * count / 64)?;
    let found = overlaps::of(&connections).map_err(|error| call.error(error))?;
    Ok(CowVal::Owned(value::of_json(found)))
}

fn matches_manifest<'c, 'v>(
    call: &mut FunctionContext<'c, 'v>,
    answers: &Answers,
) -> Called<'c, 'v> {
    let differences = answers.manifest(&text(call, 0)?).map_err(|error| call.error(error))?;
    Ok(CowVal::owned(CelBool::from(differences.is_empty())))
}

/// Lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value)).map_or('?', |digit| char::from(*digit));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
