//! The model as values of CEL. Objects and lists of objects are shared, so that a loop copies a
//! pointer for each element, not a connection.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Iterable, Iterator as Elements, Sizer};
use cel::common::types::{
    CelBool, CelBytes, CelDouble, CelInt, CelList, CelMap, CelNull, CelString, CelUInt, LIST_TYPE,
    MAP_TYPE, Type,
};
use cel::common::value::{CowVal, StaticVal, Val};
use serde_json::Value as Json;

use crate::filter::excerpt::plain;

/// Characters of a value that are told.
const TOLD: usize = 60;
/// Elements of a list that are told.
const TOLD_ELEMENTS: usize = 8;

/// An object of the model.
#[derive(Debug, Clone)]
pub struct Record(Arc<BTreeMap<String, Box<dyn Val>>>);

/// A list of objects of the model.
#[derive(Debug, Clone)]
pub struct Records(Arc<Vec<Box<dyn Val>>>);

/// A value of the model. Numbers without a fraction are `int`, as literals are.
pub fn of_json(json: Json) -> Box<dyn Val> {
    match json {
        Json::Null => Box::new(CelNull),
        Json::Bool(value) => Box::new(CelBool::from(value)),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Box::new(CelInt::from(whole)),
            None => Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
        },
        Json::String(text) => Box::new(CelString::from(text)),
        Json::Array(elements) => {
            let is_plain = !elements.first().is_some_and(Json::is_object);
            let elements: Vec<_> = elements.into_iter().map(of_json).collect();
            if is_plain {
                Box::new(CelList::from(elements))
            } else {
                Box::new(Records(Arc::new(elements)))
            }
        }
        Json::Object(fields) => Box::new(Record(Arc::new(
            fields.into_iter().map(|(name, value)| (name, of_json(value))).collect(),
        ))),
    }
}

/// A field of an object.
pub fn field<'v>(value: &'v dyn Val, name: &str) -> Option<&'v dyn Val> {
    let record = value.downcast_ref::<Record>()?;
    record.0.get(name).map(|field| &**field)
}

/// A whole number.
pub fn whole(value: &dyn Val) -> Option<i64> {
    value.downcast_ref::<CelInt>().map(|number| *number.inner())
}

/// A string.
pub fn string(value: &dyn Val) -> Option<&str> {
    value.downcast_ref::<CelString<'_>>().map(CelString::inner)
}

/// A number with a fraction.
pub fn fraction(value: &dyn Val) -> Option<f64> {
    value.downcast_ref::<CelDouble>().map(|number| *number.inner())
}

/// Bytes.
pub fn bytes(value: &dyn Val) -> Option<&[u8]> {
    value.downcast_ref::<CelBytes<'_>>().map(CelBytes::inner)
}

/// A truth.
pub fn truth(value: &dyn Val) -> Option<bool> {
    value.downcast_ref::<CelBool>().map(|truth| *truth.inner())
}

/// The elements of a list, as many as there are.
pub fn elements(list: &dyn Val) -> Vec<&dyn Val> {
    let mut found = Vec::new();
    if let Some(records) = list.downcast_ref::<Records>() {
        found.extend(records.0.iter().map(|one| &**one as &dyn Val));
    } else if let Some(list) = list.downcast_ref::<CelList<'_>>() {
        found.extend(list.inner().iter().map(|one| &**one as &dyn Val));
    }
    found
}

/// The values of an object's fields.
pub fn fields(value: &dyn Val) -> Vec<&dyn Val> {
    let record = value.downcast_ref::<Record>();
    record.iter().flat_map(|record| record.0.values().map(|one| &**one as &dyn Val)).collect()
}

/// A copy that borrows nothing.
pub fn own<'v>(value: &dyn Val) -> Box<dyn Val + 'v> {
    if let Some(text) = string(value) {
        return Box::new(CelString::from(text.to_owned()));
    }
    if let Some(bytes) = bytes(value) {
        return Box::new(CelBytes::from(bytes.to_vec()));
    }
    if value.downcast_ref::<CelList<'_>>().is_some() {
        let copies: Vec<Box<dyn Val + 'v>> = elements(value).into_iter().map(own).collect();
        return Box::new(CelList::from(copies));
    }
    if let Some(map) = value.downcast_ref::<CelMap<'_>>() {
        let copies: std::collections::HashMap<_, Box<dyn Val + 'v>> =
            map.inner().iter().map(|(key, one)| (key.clone().into_static(), own(&**one))).collect();
        return Box::new(CelMap::from(copies));
    }
    if let Some(record) = value.downcast_ref::<Record>() {
        return Box::new(record.clone());
    }
    if let Some(records) = value.downcast_ref::<Records>() {
        return Box::new(records.clone());
    }
    if let Some(number) = value.downcast_ref::<CelInt>() {
        return Box::new(CelInt::from(*number.inner()));
    }
    if let Some(number) = value.downcast_ref::<CelUInt>() {
        return Box::new(CelUInt::from(*number.inner()));
    }
    if let Some(number) = fraction(value) {
        return Box::new(CelDouble::from(number));
    }
    if let Some(truth) = truth(value) {
        return Box::new(CelBool::from(truth));
    }
    Box::new(CelNull)
}

/// True for an object of the model.
pub fn is_record(value: &dyn Val) -> bool {
    value.downcast_ref::<Record>().is_some()
}

/// How much a value costs to copy: 1 for each part of it, and 1 more for each eight bytes of
/// text. Objects of the model are shared. Stops counting above `limit`.
pub fn weight(value: &dyn Val, limit: u64) -> u64 {
    let mut total = 0_u64;
    let mut waiting: Vec<&dyn Val> = vec![value];
    while let Some(value) = waiting.pop() {
        total += 1;
        if let Some(text) = value.downcast_ref::<CelString<'_>>() {
            total += text.inner().len() as u64 / 8;
        } else if let Some(bytes) = value.downcast_ref::<CelBytes<'_>>() {
            total += bytes.inner().len() as u64 / 8;
        } else if let Some(list) = value.downcast_ref::<CelList<'_>>() {
            waiting.extend(list.inner().iter().map(|one| &**one as &dyn Val));
        } else if let Some(map) = value.downcast_ref::<CelMap<'_>>() {
            total += map.inner().len() as u64;
            waiting.extend(map.inner().values().map(|one| &**one as &dyn Val));
        }
        if total > limit {
            break;
        }
    }
    total
}

/// A value as text for a person, cut where it is long, harmless to a terminal.
pub fn told(value: &dyn Val) -> String {
    if let Some(text) = string(value) {
        return cut(&format!("\"{}\"", text.chars().map(plain).collect::<String>()), TOLD);
    }
    if let Some(number) = whole(value) {
        return number.to_string();
    }
    if let Some(number) = value.downcast_ref::<CelUInt>() {
        return number.inner().to_string();
    }
    if let Some(number) = value.downcast_ref::<CelDouble>() {
        return number.inner().to_string();
    }
    if let Some(truth) = truth(value) {
        return truth.to_string();
    }
    if value.downcast_ref::<CelNull>().is_some() {
        return "null".to_owned();
    }
    if let Some(bytes) = value.downcast_ref::<CelBytes<'_>>() {
        return told_bytes(bytes.inner());
    }
    if value.downcast_ref::<CelList<'_>>().is_some() || value.downcast_ref::<Records>().is_some() {
        return told_list(&elements(value));
    }
    if let Some(stream) = field(value, "stream").and_then(whole) {
        return format!("connection {stream}");
    }
    if let Some(frame) = field(value, "frame").and_then(whole) {
        return format!("frame {frame}");
    }
    let Some(record) = value.downcast_ref::<Record>() else { return "a value".to_owned() };
    let fields = record.0.iter().filter(|(_, value)| !is_record(&***value)).take(4);
    let fields: Vec<String> =
        fields.map(|(name, value)| format!("{name}: {}", told(&**value))).collect();
    cut(&format!("{{{}}}", fields.join(", ")), TOLD)
}

fn told_list(elements: &[&dyn Val]) -> String {
    let mut parts: Vec<String> =
        elements.iter().take(TOLD_ELEMENTS).map(|one| told(*one)).collect();
    if elements.len() > TOLD_ELEMENTS {
        parts.push(format!("... {} in all", elements.len()));
    }
    format!("[{}]", parts.join(", "))
}

/// The first bytes as text where they are text, and how many there are.
fn told_bytes(bytes: &[u8]) -> String {
    let shown: String = bytes
        .iter()
        .take(32)
        .map(|byte| if matches!(byte, 0x20..0x7f) { char::from(*byte) } else { '.' })
        .collect();
    let more = if bytes.len() > 32 { "..." } else { "" };
    format!("{} bytes \"{shown}{more}\"", bytes.len())
}

fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(3)).collect();
    format!("{kept}...")
}

impl Val for Record {
    fn get_type(&self) -> &Type {
        <Self as Val>::cel_type()
    }

    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| {
            Arc::ptr_eq(&self.0, &other.0)
                || self.0.len() == other.0.len()
                    && self.0.iter().all(|(name, value)| {
                        other.0.get(name).is_some_and(|other| value.equals(&**other))
                    })
        })
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Record {}

impl Indexer for Record {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let name = string(index).unwrap_or("?");
        match self.0.get(name) {
            Some(value) => Ok(CowVal::Borrowed(&**value)),
            None => Err(ExecutionError::no_such_key(name)),
        }
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

impl Container for Record {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(string(value).is_some_and(|name| self.0.contains_key(name)))
    }
}

impl Val for Records {
    fn get_type(&self) -> &Type {
        <Self as Val>::cel_type()
    }

    fn cel_type() -> &'static Type {
        &LIST_TYPE
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        let (own, other) = (elements(self), elements(other));
        own.len() == other.len() && own.iter().zip(other).all(|(one, two)| one.equals(two))
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Records {}

impl Indexer for Records {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let at = whole(index).and_then(|at| usize::try_from(at).ok());
        match at.and_then(|at| self.0.get(at)) {
            Some(value) => Ok(CowVal::Borrowed(&**value)),
            None => Err(ExecutionError::function_error(
                "[]",
                format!("there is no element {}; the list has {}", told(index), self.0.len()),
            )),
        }
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

impl Sizer for Records {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.0.len()).unwrap_or(i64::MAX))
    }
}

impl Container for Records {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(self.0.iter().any(|one| one.equals(value)))
    }
}

/// Goes through a list of objects.
struct Walk<'b>(std::slice::Iter<'b, Box<dyn Val>>);

impl<'b, 'v> Elements<'b, 'v> for Walk<'b> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        self.0.next().map(|one| &**one as &(dyn Val + 'v))
    }
}

impl Iterable for Records {
    fn iter<'b, 'v>(&'b self) -> Box<dyn Elements<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Walk(self.0.iter()))
    }
}
