//! The rules of a sign-up attempt: its codes and its emails.

use crate::code::CodeRules;

/// The rules of an attempt, which lives 24 hours.
#[derive(Debug, Clone)]
pub struct AttemptRules {
    pub code: CodeRules,
    pub resend: ResendRules,
}

/// When an attempt may be mailed again.
#[derive(Debug, Clone, Copy)]
pub struct ResendRules {
    /// The wait between two emails; 0 turns it off.
    pub cooldown_seconds: u32,
    /// Emails per attempt; 0 turns the limit off.
    pub attempt_mails: u32,
}
