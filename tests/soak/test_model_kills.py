"""`make soak`: a hundred workers killed while a model works."""

from tests.product import Product
from tests.soak.model_kills import environment, fake_model, run_many


def test_a_hundred_kills_give_one_rating_each(tmp_path):
    with fake_model() as fake, Product(tmp_path / "product", **environment(fake)) as product:
        run_many(range(100), product)
