//! The phrases that requests are made of, in English and French.

use repcast_model::catalogue::{Difficulty, MovementPattern, Muscle};
use repcast_model::document::{Intensity, Language};

use crate::intent::{Condition, Focus, Region, WorkoutStyle};

/// What a phrase means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    Level(Difficulty),
    Intensity(Intensity),
    Style(WorkoutStyle),
    /// A part of the body: what it trains, and the condition that pain in it is.
    Body(Option<Focus>, Option<Condition>),
    /// A kind of movement: only to be avoided.
    Pattern(MovementPattern),
    /// Jumps, which are only to be avoided.
    Jumps,
    /// Without jumps, in other words.
    LowImpact,
    /// The floor, which is only to be avoided.
    Floor,
    /// Standing: nothing on the floor.
    Standing,
    /// A condition that needs no part of the body.
    Condition(Condition),
    /// Words of pain and care: the part of the body next to them is a condition.
    Pain,
    /// Equipment by its usual id.
    Equipment(&'static str),
    /// Equipment as such: `no equipment`.
    AnyEquipment,
    /// Without equipment, in other words.
    BodyWeight,
    Language(Language),
    /// What follows is not wanted.
    Negation,
    /// What follows is not there: neither wanted nor avoided.
    Absence,
    /// What follows is an exception.
    Exception,
    /// `and`.
    And,
    /// `or`, `nor`.
    Or,
    /// What follows is wanted: ends a negation.
    Affirmation,
    /// Verbs of training, which end a negation unless they are negated themselves: "I don't want to train legs".
    Activity,
    /// The end of a workout: stretches there are no style.
    Ending,
    /// Words without a meaning of their own.
    Filler,
}

use Meaning::{
    Absence, Activity, Affirmation, And, AnyEquipment, Body, BodyWeight, Ending, Equipment, Exception, Filler, Floor,
    Jumps, LowImpact, Negation, Or, Pain, Pattern, Standing, Style,
};

const fn region(region: Region) -> Meaning {
    Body(Some(Focus::Region(region)), None)
}

const fn muscle(muscle: Muscle) -> Meaning {
    Body(Some(Focus::Muscle(muscle)), None)
}

/// Phrases of each meaning, separated by `|`, in English and in French.
pub(super) const PHRASES: &[(Meaning, &str, &str)] = &[
    (
        Meaning::Level(Difficulty::Beginner),
        "beginner|beginners|novice|newbie|new to|never trained|never exercised|starting out|just starting|out of shape|senior|elderly|grandmother|grandfather",
        "débutant|débutante|débutants|novice|niveau facile|jamais fait de sport|je commence|je débute|reprise|reprends le sport|sédentaire|senior|seniors|grand mère|personne âgée",
    ),
    (Meaning::Level(Difficulty::Intermediate), "intermediate|average level|medium level", "intermédiaire|niveau moyen"),
    (
        Meaning::Level(Difficulty::Advanced),
        "advanced|expert|athlete|very fit|experienced|pro level",
        "avancé|avancée|expert|experte|confirmé|confirmée|athlète|sportif confirmé|très sportif|expérimenté",
    ),
    (
        Meaning::Intensity(Intensity::Easy),
        "easy|gentle|light|soft|slow|relaxed|relaxing|low intensity|recovery|calm|mild|not too hard|not too intense|not so hard|nothing too hard|chill",
        "facile|doux|douce|léger|légère|tranquille|lent|calme|faible intensité|récupération|récup|pas trop dur|pas trop dure|pas trop intense|pas trop difficile|en douceur|relaxant|relax|cool",
    ),
    (
        Meaning::Intensity(Intensity::Medium),
        "moderate|medium intensity|medium|normal|not too easy",
        "modéré|modérée|intensité moyenne|moyen|moyenne|normal|normale|pas trop facile",
    ),
    (
        Meaning::Intensity(Intensity::Intense),
        "intense|hard|tough|brutal|killer|vigorous|challenging|high intensity|difficult|exhausting|sweaty|hardcore|demanding",
        "intense|intensif|intensive|dur|dure|difficile|costaud|à fond|haute intensité|forte intensité|éprouvant|musclé|qui fait transpirer",
    ),
    (Style(WorkoutStyle::Circuit), "circuit|circuit training", "circuit|circuit training|en circuit"),
    (
        Style(WorkoutStyle::Tabata),
        "tabata|20 / 10|20 s on 10 s off|20 seconds on 10 seconds off",
        "tabata|20 / 10|20 secondes d effort et 10 secondes de repos",
    ),
    (Style(WorkoutStyle::Emom), "emom|every minute on the minute", "emom|chaque minute|toutes les minutes"),
    (
        Style(WorkoutStyle::Amrap),
        "amrap|as many rounds as possible|as many reps as possible|non stop",
        "amrap|autant de tours que possible|le plus de tours possible|sans pause|non stop",
    ),
    (
        Style(WorkoutStyle::Hiit),
        "hiit|high intensity interval training|high intensity interval|interval|intervals|interval training|40 / 20|40 s on 20 s off|40 seconds on 20 seconds off",
        "hiit|fractionné|intervalle|intervalles|entraînement par intervalles|40 / 20|40 secondes d effort et 20 secondes de repos",
    ),
    (Style(WorkoutStyle::Pyramid), "pyramid|ladder", "pyramide|pyramidal|pyramidale|échelle"),
    (
        Style(WorkoutStyle::Stretch),
        "stretch|stretches|stretching|mobility|yoga|flexibility|limber up|loosen up",
        "étirement|étirements|stretching|mobilité|yoga|souplesse|assouplissement|assouplissements|m étirer|s étirer|étirer",
    ),
    (
        Style(WorkoutStyle::Strength),
        "strength|strength training|build muscle|sets|supersets|superset|weight training|weightlifting",
        "muscu|musculation|renforcement|renforcement musculaire|renfo|force|séries|superset|supersets|prise de masse",
    ),
    (region(Region::Legs), "legs|leg|leg day|thighs|thigh", "jambes|jambe|cuisses|cuisse"),
    (region(Region::Arms), "arms|arm", "bras"),
    (region(Region::UpperBody), "upper body|top half", "haut du corps|le haut"),
    (region(Region::LowerBody), "lower body|bottom half", "bas du corps|le bas"),
    (
        region(Region::Core),
        "core|abs|ab|stomach|belly|tummy|six pack|sixpack|midsection",
        "abdos|abdo|abdominaux|ventre|gainage|sangle abdominale|tablettes de chocolat|ventre plat",
    ),
    (
        Body(Some(Focus::Region(Region::Back)), Some(Condition::Back)),
        "back|upper back|posture|spine",
        "dos|haut du dos|posture|colonne|colonne vertébrale",
    ),
    (
        region(Region::FullBody),
        "full body|whole body|total body|all over|head to toe",
        "corps entier|tout le corps|full body|corps complet|complète|ensemble du corps",
    ),
    (
        region(Region::Cardio),
        "cardio|endurance|lose weight|weight loss|burn fat|fat burning|burn calories|slim down|stamina|aerobic|aerobics",
        "cardio|endurance|perdre du poids|perte de poids|maigrir|mincir|brûler des calories|brûler des graisses|brûle graisse|perdre du gras|souffle|aérobic",
    ),
    (muscle(Muscle::Abductors), "abductors|outer thighs", "abducteurs"),
    (muscle(Muscle::Adductors), "adductors|inner thighs", "adducteurs|intérieur des cuisses"),
    (muscle(Muscle::Biceps), "biceps", "biceps"),
    (muscle(Muscle::Calves), "calves|calf", "mollets|mollet"),
    (muscle(Muscle::Chest), "chest|pecs|pectorals", "pectoraux|pecs|pec|poitrine|torse"),
    (muscle(Muscle::Forearms), "forearms|grip", "avant bras"),
    (muscle(Muscle::Glutes), "glutes|butt|booty|bum|backside", "fessiers|fesses|fessier|postérieur"),
    (muscle(Muscle::Hamstrings), "hamstrings|hamstring", "ischio jambiers|ischios|ischio|arrière des cuisses"),
    (muscle(Muscle::HipFlexors), "hip flexors", "psoas|fléchisseurs de la hanche"),
    (muscle(Muscle::Lats), "lats|wings", "dorsaux|grand dorsal"),
    (Body(Some(Focus::Muscle(Muscle::LowerBack)), Some(Condition::Back)), "lower back", "bas du dos|lombaires"),
    (muscle(Muscle::Obliques), "obliques|waist|love handles", "obliques|taille|poignées d amour"),
    (muscle(Muscle::Quadriceps), "quads|quadriceps", "quadriceps|quadris|quadri"),
    (
        Body(Some(Focus::Muscle(Muscle::Shoulders)), Some(Condition::Shoulders)),
        "shoulders|shoulder|delts",
        "épaules|épaule|deltoïdes",
    ),
    (muscle(Muscle::Traps), "traps|trapezius", "trapèzes|trapèze"),
    (muscle(Muscle::Triceps), "triceps", "triceps"),
    (Body(Some(Focus::Muscle(Muscle::Neck)), Some(Condition::Neck)), "neck", "cou|nuque|cervicales"),
    (Body(None, Some(Condition::Knees)), "knee|knees|kneecap|acl", "genou|genoux|rotule|ménisque|ligament croisé"),
    (
        Body(None, Some(Condition::Wrists)),
        "wrist|wrists|hand|hands|carpal tunnel",
        "poignet|poignets|main|mains|canal carpien",
    ),
    (
        Body(None, Some(Condition::Ankles)),
        "ankle|ankles|foot|feet|heel|achilles",
        "cheville|chevilles|pied|pieds|talon|tendon d achille",
    ),
    (Body(None, Some(Condition::Hips)), "hip|hips", "hanche|hanches"),
    (Body(None, Some(Condition::Heart)), "heart", "coeur"),
    (
        Meaning::Condition(Condition::Heart),
        "high blood pressure|hypertension|heart condition|heart disease|heart attack|cardiac",
        "hypertension|tension artérielle|cardiaque|infarctus|problème de coeur|hypertendu|hypertendue",
    ),
    (
        Meaning::Condition(Condition::Pregnancy),
        "pregnant|pregnancy|prenatal|postnatal|postpartum|expecting a baby|trimester|gave birth",
        "enceinte|grossesse|prénatal|prénatale|postnatal|post partum|trimestre|j attends un bébé|accouché|accouchement",
    ),
    (
        Meaning::Condition(Condition::Back),
        "sciatica|slipped disc|herniated disc|lumbago|scoliosis",
        "sciatique|hernie discale|hernie|lumbago|lombalgie|scoliose|tour de reins|mal de dos",
    ),
    (Meaning::Condition(Condition::Neck), "whiplash", "torticolis"),
    (
        Pain,
        "bad|sore|injured|injury|injuries|hurt|hurts|hurting|pain|painful|pains|ache|aches|aching|weak|fragile|problem|problems|sprained|twisted|broken|surgery|operated|arthritis|tendinitis|protect|spare|careful|careful with|friendly|because of|due to|stiff|easy on|gentle on|kind to|trouble|issues|issue|torn",
        "mal|douleur|douleurs|douloureux|douloureuse|blessure|blessures|blessé|blessée|fragile|abîmé|abîmés|opéré|opérée|opération|entorse|arthrose|tendinite|problème|problèmes|souffre|sensible|ménager|ménageant|protéger|attention|attention à|à cause de|à cause|raide|cassé|foulé|foulure|faible|ne pas forcer|sans forcer|rupture|gêne",
    ),
    (
        Jumps,
        "jump|jumps|jumping|high impact|impact|hopping|hops|plyometric|plyometrics|plyo|leaping",
        "saut|sauts|sauter|saute|impact|impacts|pliométrie|pliométrique|sautés|bondir",
    ),
    (
        LowImpact,
        "low impact|apartment friendly|quiet|silent|neighbours|neighbors|neighbour|neighbor|no noise|joint friendly|downstairs",
        "faible impact|sans impact|silencieux|silencieuse|voisin|voisins|voisine|sans bruit|en appartement|sans faire de bruit|dessous",
    ),
    (
        Floor,
        "floor|ground|lying down|lying|lie down|kneeling|kneel|on all fours|floor work",
        "au sol|sol|allongé|allongée|s allonger|m allonger|à genoux|à quatre pattes|par terre|quadrupédie",
    ),
    (Standing, "standing|standing only|on my feet|on your feet", "debout"),
    (Pattern(MovementPattern::Squat), "squat|squats|squatting", "squat|squats"),
    (Pattern(MovementPattern::Lunge), "lunge|lunges", "fente|fentes"),
    (Pattern(MovementPattern::Hinge), "deadlift|deadlifts|hip hinge", "soulevé de terre|soulevés de terre"),
    (Pattern(MovementPattern::Push), "pushing|pushing exercises", "poussées|exercices de poussée"),
    (Pattern(MovementPattern::Pull), "pulling|pulling exercises", "tirages|exercices de tirage"),
    (Pattern(MovementPattern::Cardio), "running|sprints|sprinting", "course|courir|sprint|sprints"),
    (
        Equipment("dumbbell"),
        "dumbbell|dumbbells|dumb bells|hand weights|weights|free weights",
        "haltère|haltères|poids",
    ),
    (Equipment("kettlebell"), "kettlebell|kettlebells|kettle bell", "kettlebell|kettlebells"),
    (Equipment("barbell"), "barbell|barbells", "barre|barre de musculation"),
    (
        Equipment("resistance_band"),
        "resistance band|resistance bands|band|bands|elastic band|elastic bands|elastic",
        "élastique|élastiques|bande élastique|bandes élastiques|bande de résistance",
    ),
    (Equipment("mat"), "mat|yoga mat|exercise mat", "tapis|tapis de sol|tapis de yoga"),
    (Equipment("chair"), "chair|chairs", "chaise|chaises"),
    (Equipment("bench"), "bench", "banc"),
    (Equipment("pull_up_bar"), "pull up bar|pullup bar|chin up bar", "barre de traction|barre de tractions|barre fixe"),
    (Equipment("jump_rope"), "jump rope|jumping rope|skipping rope|rope", "corde à sauter|corde"),
    (Equipment("medicine_ball"), "medicine ball|med ball", "médecine ball|medicine ball"),
    (
        Equipment("stability_ball"),
        "stability ball|swiss ball|exercise ball|gym ball",
        "swiss ball|ballon de gym|gros ballon|ballon",
    ),
    (Equipment("step"), "aerobic step|step platform", "marche de step"),
    (Equipment("wall"), "wall", "mur"),
    (
        AnyEquipment,
        "equipment|gear|kit|material|machines|machine|stuff|anything at home",
        "matériel|équipement|équipements|accessoire|accessoires|appareil|machine|machines|rien chez moi",
    ),
    (
        BodyWeight,
        "bodyweight|body weight|own weight|body weight only|equipment free|nothing but my body",
        "poids du corps|poids de corps|au poids du corps",
    ),
    (Meaning::Language(Language::En), "in english", "en anglais"),
    (Meaning::Language(Language::Fr), "in french", "en français"),
    (
        Negation,
        "no|not|without|avoid|avoiding|skip|hate|dislike|can t do|cannot do|cannot|can t|don t|don t want|do not|don t like|never|zero|nor|nothing with|neither|leave out|none of|must not|won t|anything but",
        "sans|pas|pas de|pas d|aucun|aucune|éviter|évite|évitez|évitant|déteste|jamais|surtout pas|n aime pas|zéro|interdit|interdits|supprime|enlève|ne peux pas|ne veux pas|ni|j aime pas",
    ),
    (
        Absence,
        "i have no|i don t have|i do not have|i don t have any|i do not have any|don t have|do not have|don t own|i m not|i am not|not a|i have neither|she is not|he is not|doesn t have",
        "je n ai pas|je n ai pas de|je n ai pas d|je n ai aucun|je n ai aucune|j ai pas|j ai pas de|j ai pas d|je n ai ni|je ne suis pas|je ne suis pas un|je ne suis pas une|je suis pas|je ne souffre pas|n a pas de|n a pas d",
    ),
    (
        Exception,
        "except|except for|but not|apart from|excluding|other than|besides|minus",
        "sauf|excepté|à part|hormis|mais pas|mais pas de|mais pas d|mais sans",
    ),
    (And, "and|plus", "et|plus"),
    (Or, "or", "ou"),
    (
        Affirmation,
        "with|but|only|just|i want|give me|please do|so|instead|then|i have|i ve|let s do|mostly|mainly|especially",
        "avec|mais|seulement|uniquement|juste|je veux|je voudrais|donc|plutôt|puis|surtout|j ai|j aimerais|spécial|principalement",
    ),
    (
        Activity,
        "focus|focus on|focused on|focusing on|train|training|target|targeting|work on|work|working|working on|strengthen|tone|include|including|using|use|to train|to work",
        "focus|concentre|concentrer|cible|cibler|ciblé|travailler|travaille|muscler|renforcer|tonifier|inclure|axé|axée|pour travailler|utiliser",
    ),
    (
        Ending,
        "finish|finish with|finishing|end with|end|ending|at the end|afterwards|cool down|cooldown|warm up|warmup|to finish",
        "finir|finir par|finis|terminer|termine|fin|à la fin|pour finir|échauffement|échauffer|retour au calme|conclure",
    ),
    (
        Filler,
        "a|an|the|my|of|for|to|in|on|at|me|i|is|are|it|that|this|please|some|any|workout|session|routine|exercise|exercises|class|program|minute|minutes|today|tonight|home|at home|day|make|made|create|need|want|would|like|do|d|s|m|ve|re|ll|t|have|had|has|am|be|been|my whole|lots|lot|more|very|really|too|much|good|great|quick|short|long|from|as|by|get|got|go|can|could|you|your|we|us|our|when|which|there|also|all|both|level|intensity|training session|style|type|friend|hello|hi|thanks|thank|move|moves|movement|movements|body|muscle|muscles|fitness|about|around|up|every|each|because|recently|last|year|week|month|morning|evening|pushing myself|person|people|fit|if|possible|am a|i am|i m|who|new|since|after|before|during|while|one|two|left|right|lower|upper|side|bit|little|slightly|somewhat|anything|something|fine",
        "un|une|le|la|les|l|de|du|des|d|au|aux|à|en|dans|pour|sur|mon|ma|mes|me|moi|je|j|il|elle|est|sont|c|ça|ce|cet|cette|qui|que|qu|s|svp|s il te plaît|s il vous plaît|séance|séances|entraînement|exercice|exercices|cours|programme|aujourd hui|ce soir|maison|à la maison|jour|fais|fait|faites|donne|crée|prépare|besoin|envie|veux|voudrais|aimerais|ai|suis|très|trop|peu|faire|beaucoup|bon|bonne|bonjour|salut|merci|rapide|court|courte|long|longue|y|a|on|nous|tu|ton|ta|tes|vous|votre|son|sa|ses|leur|par|avoir|être|peux|peut|plaît|te|se|ne|n|niveau|intensité|type|style|sport|mouvement|mouvements|corps|muscle|muscles|forme|environ|chez|chez moi|matin|soir|semaine|mois|an|ans|jours|parce|car|depuis|après|avant|pendant|quand|comme|aussi|bien|petit|petite|grand|grande|si|possible|femme|homme|personne|durée|gauche|droit|droite|là|tout|toute|tous|toutes|rien|perdre|fasse|font|quelque chose|pas mal de|fitness|gym",
    ),
];
