"""The engine: everything that computes or stores. It knows neither Qt nor the application."""
