"""The chat page: a small web client over Gradio's API, which is a thin adapter over `Assistant`."""
