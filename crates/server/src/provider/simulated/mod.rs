//! stub
use super::*;
pub(super) async fn answer(
    _: Call<'_>,
    _: Option<f64>,
    _: &mut (dyn FnMut(&str) + Send),
) -> Result<Answered, Failure> {
    Ok(Answered { answer: Answer::default(), tokens: None })
}
