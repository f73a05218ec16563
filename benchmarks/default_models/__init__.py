"""What is measured on the default models and on the stages of their training."""
