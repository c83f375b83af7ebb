"""What a scenario and its venue file may say: typed, validated, every problem listed."""
