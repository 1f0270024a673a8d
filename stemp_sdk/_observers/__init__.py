"""Observers for tools that other people keep: OpenTelemetry and Sentry."""
