//! What calls, visits and runs used.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::money::Usd;

/// What one model call used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallUsage {
    /// Tokens of the question.
    pub input_tokens: u64,
    /// Tokens of the answer.
    pub output_tokens: u64,
    /// US dollars; nothing where the model has no price.
    pub cost_usd: Usd,
}

/// What a visit or a run used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Model calls that were answered.
    pub model_calls: u64,
    /// Tokens of the questions.
    pub input_tokens: u64,
    /// Tokens of the answers.
    pub output_tokens: u64,
    /// US dollars.
    pub cost_usd: Usd,
}

impl Usage {
    /// Counts one answered call in.
    pub fn add(&mut self, call: CallUsage) {
        self.model_calls += 1;
        self.input_tokens += call.input_tokens;
        self.output_tokens += call.output_tokens;
        self.cost_usd = self.cost_usd.plus(call.cost_usd);
    }
}
