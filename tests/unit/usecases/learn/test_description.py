from rankd.core.features.reader import read_declaration
from rankd.usecases.learn.description import describe
from tests.kept import DECLARATION


def test_every_way_of_reading_is_said_in_both_languages() -> None:
    declaration = read_declaration(DECLARATION.encode())
    said = {
        declared.feature.name: (describe(declaration, declared, "fr"), describe(declaration, declared, "en"))
        for declared in declaration.features
    }
    assert said["topic"] == ("Envoyé avec la demande.", "Sent with the request.")
    assert said["author_shown_day"][1] == "Counted: times shown, by the author, over 24 hours."
    assert said["item_click_rate"][1] == "Share: clicks out of times shown, by the post, over 7 days."
    assert said["viewer_topic_share"][1] == "Share: of the clicks by the person, those by the person + `topic`, ever."
    assert said["viewer_author_hides"][0].endswith(", sur 30 jours, à moitié oublié après 10d.")
    for french, english in said.values():
        assert french != english
