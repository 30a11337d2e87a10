//! What happens when PostgreSQL fails.
