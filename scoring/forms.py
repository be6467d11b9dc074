"""What people send about their own responses."""

from django import forms


class CorrectionDismissForm(forms.Form):
    """Which correction of a response: its kind, and its first character in the transcript."""

    kind = forms.CharField(max_length=40)
    start = forms.IntegerField(min_value=0, max_value=2**31 - 1)
